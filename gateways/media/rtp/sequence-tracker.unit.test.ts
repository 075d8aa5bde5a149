import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SequenceTracker } from './sequence-tracker.ts';

const track = (...sequences: number[]): SequenceTracker => {
  const tracker = new SequenceTracker(sequences[0]!);
  for (const sequence of sequences) tracker.push(sequence);
  return tracker;
};

describe('a sequence tracker', () => {
  it('counts over the wrap', () => {
    const tracker = track(0xfffe, 0xffff, 0, 1);
    expect(tracker).toMatchObject({ received: 4, expected: 4, lost: 0, extendedHighest: 0x10001 });
  });

  it('counts what is missing, until it comes late', () => {
    const tracker = track(10, 11, 14);
    expect(tracker.lost).toBe(2);
    tracker.push(12);
    expect(tracker.lost).toBe(1);
  });

  it('says the share lost since it was last asked', () => {
    const tracker = track(0, 1, 2, 4);
    expect(tracker.takeFractionLost()).toBe(Math.floor(256 / 5));
    tracker.push(5);
    expect(tracker.takeFractionLost()).toBe(0);
    tracker.push(7);
    expect(tracker.takeFractionLost()).toBe(128);
  });

  it('reports nothing lost when duplicates outnumber losses', () => {
    const tracker = track(1, 1, 1, 2);
    expect(tracker.lost).toBe(-2);
    expect(tracker.takeFractionLost()).toBe(0);
  });

  it('throws a far jump away unless the next packet goes on from there', () => {
    const tracker = track(100, 101);
    expect(tracker.push(30_000)).toBe(false);
    expect(tracker.push(102)).toBe(true);
    expect(tracker.push(30_000)).toBe(false);
    expect(tracker.push(30_001)).toBe(true);
    expect(tracker).toMatchObject({ received: 1, lost: 0, extendedHighest: 30_001 });
  });

  it('finds exactly the losses of any stream that is not reordered', () => {
    const kept = fc.array(fc.boolean(), { minLength: 1, maxLength: 500 });
    fc.assert(
      fc.property(fc.nat(0xffff), kept, (start, flags) => {
        const sequences = [true, ...flags, true].flatMap((keep, i) => (keep ? [(start + i) & 0xffff] : []));
        expect(track(...sequences).lost).toBe(flags.filter((keep) => !keep).length);
      }),
    );
  });
});
