import { describe, expect, it } from '@jest/globals';
import { decodeAlaw, encodeAlaw } from '@tandem/gateways/audio/codecs';
import { lostAudio } from './lost-audio.ts';
import { markedSignal } from './marked-signal.ts';

const said = markedSignal(20);
const MS = 8;

const through = (samples: Int16Array): Int16Array => {
  const bytes = new Uint8Array(samples.length);
  encodeAlaw(samples, bytes);
  return decodeAlaw(bytes, new Int16Array(samples.length));
};
/** What is heard of pieces of what was said (milliseconds), with silence of some length in between. */
const heardAs = (...parts: (readonly [from: number, to: number] | number)[]): Int16Array =>
  through(
    Int16Array.from(
      parts.flatMap((part) =>
        typeof part === 'number'
          ? Array<number>(part * MS).fill(0)
          : Array.from(said.subarray(part[0] * MS, part[1] * MS)),
      ),
    ),
  );

describe('a marked signal', () => {
  it('is the same for the same seed, and like no other', () => {
    expect(markedSignal(0.1)).toEqual(markedSignal(0.1));
    expect(markedSignal(0.1, 2)).not.toEqual(markedSignal(0.1, 1));
  });

  it('stays far from overload', () => {
    expect(said.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0)).toBeLessThan(25_000);
  });
});

describe('what of a signal was lost', () => {
  it('is nothing when all of it was heard, whatever was before and after', () => {
    const all = { lost: 0, repeated: 0, filled: 0, gaps: [] };
    expect(lostAudio(said, through(said))).toEqual({ ...all, from: 0, to: 20_000 });
    const amid = lostAudio(said, heardAs(500, [1000, 6000], 700));
    expect(amid).toMatchObject(all);
    expect(Math.abs(amid.from - 500)).toBeLessThan(40);
    expect(Math.abs(amid.to - 5500)).toBeLessThan(40);
  });

  it.each([
    ['a packet', 20],
    ['half a packet', 10],
    ['a bit more than a second', 1013],
    ['many seconds', 9000],
  ])('is %s that is missing', (_what, ms) => {
    const loss = lostAudio(said, heardAs([0, 5003], [5003 + ms, 19_000]));
    expect(loss.lost).toBeCloseTo(ms, 0);
    expect(loss).toMatchObject({ repeated: 0, gaps: [{ lost: loss.lost }] });
    expect(Math.abs(loss.gaps[0]!.at - 5003)).toBeLessThan(2);
    expect(loss.filled).toBeLessThan(1);
  });

  it('is told from what was put in its place', () => {
    const silence = lostAudio(said, heardAs([0, 5000], 60, [5060, 10_000]));
    expect(silence.lost).toBeCloseTo(60, 0);
    expect(silence.filled).toBeCloseTo(60, 0);
    const late = lostAudio(said, heardAs([0, 5000], 60, [5000, 10_000]));
    expect(late.lost).toBeLessThan(1);
    expect(late.filled).toBeCloseTo(60, 0);
    const less = lostAudio(said, heardAs([0, 5000], 40, [5120, 10_000]));
    expect(less.lost).toBeCloseTo(120, 0);
    expect(less.filled).toBeCloseTo(40, 0);
  });

  it('is told from what was heard again', () => {
    const again = lostAudio(said, heardAs([0, 5000], [4960, 10_000]));
    expect(again.repeated).toBeCloseTo(40, 0);
    expect(again.lost).toBe(0);
  });

  it('is the sum of many gaps, each where it is', () => {
    const loss = lostAudio(
      said,
      heardAs([0, 2000], [2020, 2100], [2140, 6000], 200, [6200, 9000], [8980, 12_000]),
    );
    expect(loss.gaps).toHaveLength(4);
    expect(loss.lost).toBeCloseTo(20 + 40 + 200, 0);
    expect(loss.repeated).toBeCloseTo(20, 0);
    expect(loss.filled).toBeCloseTo(200, 0);
  });

  it('is nothing that can be told when the signal was not heard', () => {
    const nothing = { lost: 0, repeated: 0, filled: 0, gaps: [], from: 0, to: 0 };
    expect(lostAudio(said, new Int16Array(8000))).toEqual(nothing);
    expect(lostAudio(said, new Int16Array(0))).toEqual(nothing);
    expect(lostAudio(said, markedSignal(0.4, 9))).toEqual(nothing);
  });
});
