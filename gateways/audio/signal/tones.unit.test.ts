import { describe, expect, it } from '@jest/globals';
import { networkTones, readCadence } from './cadences.ts';
import { DtmfDetector } from './dtmf-detector.ts';
import { dBm0, goertzel, meanSquare } from './goertzel.ts';
import { cadenceOf, dominantFrequencies, recogniseTone } from './recognise.ts';
import { tone } from './tones.ts';

/** Two rounds and the silence before them, as somebody hears a tone that loops. */
const heard = (name: string): Int16Array => {
  const { samples } = tone(name);
  const all = new Int16Array(400 + 2 * samples.length + 80);
  all.set(samples, 400);
  all.set(samples, 400 + samples.length);
  all.set(samples.subarray(0, 80), 400 + 2 * samples.length);
  return all;
};

describe('tones', () => {
  it('rings in the US with 440 and 480 Hz, two seconds of six', () => {
    const { samples, loop } = tone('ringback');
    expect(loop).toBe(true);
    expect(samples.length).toBe(48_000);
    const found = dominantFrequencies(samples).map(({ frequency }) => Math.round(frequency));
    expect(found.sort()).toEqual([440, 480]);
    expect(samples.subarray(16_000).every((sample) => sample === 0)).toBe(true);
    expect(dBm0(meanSquare(samples.subarray(0, 16_000)))).toBeCloseTo(-12, 0);
  });

  it.each(Object.keys(networkTones))('%s: ringback, busy and congestion sound as written', (network) => {
    for (const kind of ['ringback', 'busy', 'congestion'] as const) {
      const { frequencies, modulation, durations } = readCadence(networkTones[network]![kind]);
      const samples = heard(`${kind}-${network}`);
      if (modulation) {
        const carrier = dominantFrequencies(samples)[0]!.frequency;
        expect(Math.abs(carrier - frequencies[0]!)).toBeLessThan(3);
        continue;
      }
      const found = dominantFrequencies(samples, frequencies.length).map(({ frequency }) => frequency);
      for (const wanted of frequencies) {
        expect(Math.min(...found.map((frequency) => Math.abs(frequency - wanted)))).toBeLessThan(3);
      }
      const cadence = cadenceOf(samples).slice(0, durations.length);
      for (const [index, milliseconds] of cadence.entries()) {
        expect(Math.abs(milliseconds - durations[index]!)).toBeLessThanOrEqual(20);
      }
      expect(cadence.length).toBe(durations.length);
    }
  });

  it.each(['us', 'uk', 'de', 'nz', 'tw'])('%s: its tones are told apart', (network) => {
    for (const kind of ['ringback', 'busy', 'congestion']) {
      expect(recogniseTone(heard(`${kind}-${network}`), network)).toBe(kind);
    }
    expect(recogniseTone(new Int16Array(80_000), network)).toBeUndefined();
    expect(recogniseTone(heard('beep'), network)).toBeUndefined();
  });

  it('beeps once', () => {
    const { samples, loop } = tone('beep');
    expect(loop).toBe(false);
    expect(dominantFrequencies(samples, 1)[0]!.frequency).toBeCloseTo(1000, 0);
  });

  it('makes keys that the detector takes', () => {
    const detector = new DtmfDetector();
    const digits = [...'0123456789*#ABCD'].flatMap((key) => detector.push(tone(`dtmf-${key}`).samples));
    expect(digits.map(({ digit }) => digit).join('')).toBe('0123456789*#ABCD');
  });

  it.each(['ring', 'ringback-', 'ringback-xx', 'ringback-__proto__', 'dtmf-', 'dtmf-12', 'dtmf-E', ''])(
    'says that there is no tone %p',
    (name) => {
      expect(() => tone(name)).toThrow(expect.objectContaining({ code: 'media.unknown-tone' }));
    },
  );
});

describe('goertzel', () => {
  it('gives the mean square of its frequency and little of others', () => {
    const sine = Int16Array.from(
      { length: 800 },
      (_, i) => 10_000 * Math.sin((2 * Math.PI * 700 * i) / 8000),
    );
    expect(goertzel(sine, 700) / 5e7).toBeCloseTo(1, 2);
    expect(goertzel(sine, 900) / 5e7).toBeLessThan(0.001);
    expect(goertzel(new Int16Array(0), 700)).toBe(0);
  });

  it('hears nothing in silence', () => {
    expect(dominantFrequencies(new Int16Array(8000))).toEqual([]);
    expect(dominantFrequencies(new Int16Array(0))).toEqual([]);
    expect(cadenceOf(new Int16Array(8000))).toEqual([]);
  });
});
