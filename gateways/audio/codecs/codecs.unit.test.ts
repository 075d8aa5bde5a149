import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DtmfDetector } from '../signal/dtmf-detector.ts';
import { goertzel, meanSquare } from '../signal/goertzel.ts';
import { LiveResampler, loadLiveResampler } from '../signal/live-resampler.ts';
import { dtmfKey } from '../signal/tones.ts';
import { CODEC_NAMES, CODECS, type CodecName, packetTime, type SampleRate } from './codec.ts';
import { openDecoder, openEncoder } from './codecs.ts';

/** Room for 120 ms of Opus, and for all that a packet of another codec may hold. */
const ROOM = 5760;

const sine = (frequency: number, sampleRate: number, milliseconds: number): Int16Array =>
  Int16Array.from({ length: (milliseconds * sampleRate) / 1000 }, (_, i) =>
    Math.round(8000 * Math.sin((2 * Math.PI * frequency * i) / sampleRate)),
  );

/** Payloads of a sound at the codec's rate, of so many milliseconds each. */
const packetsOf = (codec: CodecName, samples: Int16Array, interval = 20, loss = 0): Uint8Array[] => {
  const encoder = openEncoder(codec);
  encoder.expectLoss(loss);
  const size = (CODECS[codec].sampleRate * interval) / 1000;
  const packets: Uint8Array[] = [];
  const payload = new Uint8Array(1276);
  for (let at = 0; at + size <= samples.length; at += size)
    packets.push(payload.slice(0, encoder.encode(samples.subarray(at, at + size), payload)));
  encoder.close();
  return packets;
};

/** Decodes packets; those that are missing are made up, with the next one's help. */
const heardOf = (
  codec: CodecName,
  packets: readonly (Uint8Array | undefined)[],
  sampleRate: SampleRate,
): Int16Array => {
  const decoder = openDecoder(codec, sampleRate);
  const frame = decoder.sampleRate / 50;
  const all: number[] = [];
  const room = new Int16Array(ROOM);
  for (const [i, packet] of packets.entries()) {
    if (packet) all.push(...room.subarray(0, decoder.decode(packet, room)));
    else {
      decoder.conceal(room.subarray(0, frame), packets[i + 1]);
      all.push(...room.subarray(0, frame));
    }
  }
  decoder.close();
  return Int16Array.from(all);
};

const share = (samples: Int16Array, frequency: number, sampleRate: number): number =>
  goertzel(samples, frequency, sampleRate) / meanSquare(samples);

beforeAll(() => loadLiveResampler());

describe.each(CODEC_NAMES)('%s', (codec) => {
  const { sampleRate, packetTimes } = CODECS[codec];

  it.each([8000, 16_000] as const)('carries a tone, to %d Hz where it has them', (wanted) => {
    const packets = packetsOf(codec, sine(1000, sampleRate, 400));
    const decoder = openDecoder(codec, wanted);
    const rate = decoder.sampleRate;
    decoder.close();
    expect(rate).toBe(Math.min(wanted, sampleRate));
    const heard = heardOf(codec, packets, wanted);
    expect(heard).toHaveLength((400 * rate) / 1000);
    expect(share(heard.subarray(rate / 10), 1000, rate)).toBeGreaterThan(0.9);
    expect(Math.sqrt(2 * meanSquare(heard.subarray(rate / 10)))).toBeGreaterThan(6000);
  });

  it('carries keys as sound that are recognised', () => {
    const keys = ['1', '5', '9', '*', 'D'].map((key) => dtmfKey(key, 80, 80, sampleRate));
    const samples = Int16Array.from(keys.flatMap((key) => [...key]));
    const heard = heardOf(codec, packetsOf(codec, samples), 8000);
    const digits = new DtmfDetector().push(Int16Array.from([...heard, ...new Int16Array(640)]));
    expect(digits.map(({ digit }) => digit).join('')).toBe('159*D');
  });

  it('makes packets of each of its lengths, in a few hundred bytes', () => {
    for (const interval of packetTimes) {
      const packets = packetsOf(codec, sine(500, sampleRate, 240), interval);
      expect(packets).toHaveLength(Math.floor(240 / interval));
      for (const packet of packets) expect(packet.length).toBeLessThanOrEqual(480);
      expect(heardOf(codec, packets, 16_000)).toHaveLength(
        (packets.length * interval * Math.min(16_000, sampleRate)) / 1000,
      );
    }
  });

  it('makes up what is lost: a gap of 20 ms in a tone is filled', () => {
    const packets: (Uint8Array | undefined)[] = packetsOf(codec, sine(400, sampleRate, 400));
    packets[10] = undefined;
    const heard = heardOf(codec, packets, 8000);
    expect(heard).toHaveLength(3200);
    const gap = heard.subarray(1600, 1760);
    expect(meanSquare(gap)).toBeGreaterThan(0.3 * meanSquare(heard.subarray(800, 1600)));
  });

  it('fades out when nothing comes any more', () => {
    const packets = packetsOf(codec, sine(400, sampleRate, 200));
    const heard = heardOf(codec, [...packets, ...new Array<undefined>(60)], 8000);
    expect(meanSquare(heard.subarray(-800))).toBeLessThan(0.01 * meanSquare(heard.subarray(800, 1600)));
  });

  it('takes any bytes for a payload, and goes on afterwards', () => {
    const good = packetsOf(codec, sine(1000, sampleRate, 400));
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }),
        fc.constantFrom<SampleRate>(8000, 16_000),
        (noise, rate) => {
          const decoder = openDecoder(codec, rate);
          const room = new Int16Array(ROOM);
          for (const bytes of noise) {
            const count = decoder.decode(bytes, room);
            expect(count).toBeGreaterThanOrEqual(0);
            expect(count).toBeLessThanOrEqual(ROOM);
            decoder.conceal(room.subarray(0, 160), bytes);
          }
          const last = good.map((packet) => decoder.decode(packet, room)).at(-1);
          expect(last).toBe(decoder.sampleRate / 50);
          decoder.close();
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('Opus', () => {
  it('repeats a lost packet in the next one when loss is expected', () => {
    // A tone that is only in the packet that gets lost.
    const samples = sine(300, 16_000, 600);
    samples.set(sine(1700, 16_000, 20), 10 * 320);
    const lose = (loss: number): number => {
      const packets: (Uint8Array | undefined)[] = packetsOf('opus', samples, 20, loss);
      packets[10] = undefined;
      const heard = heardOf('opus', packets, 16_000);
      // The encoder looks 6.5 ms ahead, by which all is late.
      const at = 10 * 320 + 104;
      return share(heard.subarray(at, at + 320), 1700, 16_000);
    };
    expect(lose(0)).toBeLessThan(0.1);
    expect(lose(0.2)).toBeGreaterThan(0.5);
  });

  it('takes stereo at 48 kHz from others for what it is in one channel', () => {
    // A packet's first byte says two channels (RFC 6716, section 3.1): SILK wide-band, 20 ms, code 0.
    const decoder = openDecoder('opus', 8000);
    expect(decoder.decode(Uint8Array.of(0x4c, 1, 2, 3, 4, 5), new Int16Array(ROOM))).toBe(160);
    decoder.close();
  });
});

describe('packet times', () => {
  it.each<[CodecName, number, number]>([
    ['PCMU', 30, 30],
    ['opus', 30, 20],
    ['opus', 60, 60],
    ['opus', 50, 40],
    ['G722', 5, 10],
    ['PCMA', 200, 60],
  ])('of %s for one who asks for %d ms are %d ms', (codec, asked, given) => {
    expect(packetTime(codec, asked)).toBe(given);
  });
});

describe('live conversion of rates', () => {
  it.each([
    [8000, 16_000],
    [16_000, 8000],
  ])('from %d to %d Hz gives at once what goes in, packet by packet', (from, to) => {
    const resampler = new LiveResampler(from, to);
    const out = new Int16Array(1000);
    const sound = sine(1000, from, 400);
    const all: number[] = [];
    for (const milliseconds of [10, 20, 30, 60]) {
      for (let at = 0, size = (milliseconds * from) / 1000; at + size <= sound.length; at += size) {
        const made = resampler.push(sound.subarray(at, at + size), out);
        expect(made).toBe((milliseconds * to) / 1000);
        if (milliseconds === 20) all.push(...out.subarray(0, made));
      }
    }
    resampler.close();
    expect(share(Int16Array.from(all).subarray(to / 10), 1000, to)).toBeGreaterThan(0.99);
  });
});
