import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CODEC_NAMES, CODECS, type CodecName } from '../../audio/codecs/codec.ts';
import { openEncoder } from '../../audio/codecs/codecs.ts';
import { goertzel, meanSquare } from '../../audio/signal/goertzel.ts';
import { loadLiveResampler } from '../../audio/signal/live-resampler.ts';
import type { RelayFrame } from './relay-frame.ts';
import { Transcoder } from './transcoder.ts';

beforeAll(() => loadLiveResampler());

const frameOf = (
  codec: CodecName,
  sequence: number,
  timestamp: number,
  payload: Uint8Array,
  kind: RelayFrame['kind'] = 'audio',
): RelayFrame => ({
  from: 'a',
  kind,
  codec,
  marker: false,
  ssrc: 7,
  sequence: sequence & 0xffff,
  timestamp: timestamp >>> 0,
  clockRate: CODECS[codec].clockRate,
  packet: payload,
  payloadStart: 0,
  payloadEnd: payload.length,
});

/** A tone as frames of 20 ms. */
const spoken = (codec: CodecName, count: number, first = 65_530, start = 0xffff_f000): RelayFrame[] => {
  const { sampleRate, clockRate } = CODECS[codec];
  const encoder = openEncoder(codec);
  const size = sampleRate / 50;
  const frames = Array.from({ length: count }, (_, i) => {
    const samples = Int16Array.from({ length: size }, (_, k) =>
      Math.round(8000 * Math.sin((2 * Math.PI * 600 * (i * size + k)) / sampleRate)),
    );
    const payload = new Uint8Array(1276);
    const bytes = encoder.encode(samples, payload);
    return frameOf(codec, first + i, start + (i * clockRate) / 50, payload.slice(0, bytes));
  });
  encoder.close();
  return frames;
};

interface Made {
  readonly sequence: number;
  readonly timestamp: number;
  readonly marker: boolean;
  readonly samples: Int16Array;
}

const run = (frames: readonly RelayFrame[], to: CodecName, interval = 20): Made[] => {
  const made: Made[] = [];
  const transcoder = new Transcoder(frames[0]!, { codec: to, interval });
  for (const frame of frames)
    transcoder.push(frame, (sequence, timestamp, marker, samples) =>
      made.push({ sequence, timestamp, marker, samples: samples.slice() }),
    );
  transcoder.close();
  return made;
};

const joined = (made: readonly Made[]): Int16Array =>
  Int16Array.from(made.flatMap(({ samples }) => [...samples]));

const pairs = CODEC_NAMES.flatMap((from) =>
  CODEC_NAMES.filter((to) => to !== from).map((to): [CodecName, CodecName] => [from, to]),
);

describe('a transcoder', () => {
  it.each(pairs)('from %s to %s keeps sound and time', (from, to) => {
    const { sampleRate, clockRate } = CODECS[to];
    const made = run(spoken(from, 20), to);
    expect(made.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(made.map(({ timestamp }) => timestamp)).toEqual(
      Array.from({ length: 20 }, (_, i) => (i * clockRate) / 50),
    );
    expect(made.map(({ marker }) => marker)).toEqual([true, ...new Array(19).fill(false)]);
    const sound = joined(made).subarray(sampleRate / 10);
    expect(goertzel(sound, 600, sampleRate) / meanSquare(sound)).toBeGreaterThan(0.95);
  });

  it.each([10, 30, 40, 60])('makes packets of %d ms of others', (interval) => {
    const made = run(spoken('PCMU', 12), 'G722', interval);
    expect(made).toHaveLength(240 / interval);
    for (const [i, { samples, timestamp }] of made.entries()) {
      expect(samples).toHaveLength(16 * interval);
      expect(timestamp).toBe(i * 8 * interval);
    }
  });

  it('puts packets in order, and makes up those that are lost', () => {
    const frames = spoken('opus', 12);
    const [third, fourth] = [frames[3]!, frames[4]!];
    frames[3] = fourth;
    frames[4] = third;
    frames.splice(8, 1);
    const made = run(frames, 'PCMU');
    expect(made.map(({ timestamp }) => timestamp)).toEqual(Array.from({ length: 12 }, (_, i) => i * 160));
    const lost = made[8]!.samples;
    expect(meanSquare(lost)).toBeGreaterThan(0.3 * meanSquare(made[5]!.samples));
  });

  it('leaves a pause where the sender paused, and says that another talkspurt begins', () => {
    const before = spoken('PCMU', 3, 100, 1000);
    const after = spoken('PCMU', 3, 103, 1000 + 3 * 160 + 8000);
    const made = run([...before, ...after], 'opus');
    expect(made.map(({ timestamp }) => timestamp)).toEqual([0, 960, 1920, 50_880, 51_840, 52_800]);
    expect(made.map(({ marker }) => marker)).toEqual([true, false, false, true, false, false]);
  });

  it('goes on where the sender’s clock starts anew', () => {
    const made = run([...spoken('PCMU', 3, 100, 90_000), ...spoken('PCMU', 3, 103, 50)], 'G722');
    expect(made.map(({ timestamp }) => timestamp)).toEqual([0, 160, 320, 480, 640, 800]);
  });

  it('puts events at their time on the other clock, and takes their packets for no loss', () => {
    const [first, second] = [spoken('PCMU', 2, 10, 0), spoken('PCMU', 2, 15, 5 * 160)];
    const transcoder = new Transcoder(first[0]!, { codec: 'opus', interval: 20 });
    const made: number[] = [];
    const sink = (_sequence: number, timestamp: number) => void made.push(timestamp);
    for (const frame of first) transcoder.push(frame, sink);
    for (const sequence of [12, 13, 14])
      transcoder.pass(frameOf('PCMU', sequence, 320, new Uint8Array(4), 'event'), sink);
    expect(transcoder.stamp(320)).toEqual({ sequence: 2, timestamp: 1920 });
    expect(transcoder.stamp(320)).toEqual({ sequence: 3, timestamp: 1920 });
    for (const frame of second) transcoder.push(frame, sink);
    transcoder.close();
    // Five packet times after the first, in one go: nothing was waited for.
    expect(made).toEqual([0, 960, 4800, 5760]);
  });

  it('takes anything that may come, and numbers what it makes without a gap', () => {
    const anything = fc.array(
      fc.record({
        sequence: fc.nat(300),
        timestamp: fc.oneof(fc.nat(50_000), fc.nat(0xffff_ffff)),
        payload: fc.uint8Array({ maxLength: 400 }),
        event: fc.boolean(),
      }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(anything, fc.constantFrom(...pairs), (sent, [from, to]) => {
        const transcoder = new Transcoder({ from: 'a', ssrc: 7, codec: from }, { codec: to, interval: 20 });
        const made: number[] = [];
        const sink = (sequence: number, timestamp: number, _marker: boolean, samples: Int16Array) => {
          expect(Number.isInteger(timestamp) && timestamp >= 0 && timestamp <= 0xffff_ffff).toBe(true);
          expect(samples).toHaveLength(CODECS[to].sampleRate / 50);
          made.push(sequence);
        };
        for (const { sequence, timestamp, payload, event } of sent) {
          const frame = frameOf(from, sequence, timestamp, payload, event ? 'event' : 'audio');
          if (event) transcoder.pass(frame, sink);
          else transcoder.push(frame, sink);
        }
        transcoder.close();
        expect(made).toEqual(made.map((_, i) => i));
      }),
      { numRuns: 200 },
    );
  });
});
