import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DelayQueue } from './delay-queue.ts';

/** A queue whose clock and alarm are turned by hand. */
function byHand() {
  let now = 0;
  let set = Number.POSITIVE_INFINITY;
  let ring = (): void => {};
  const queue = new DelayQueue(
    (callback) => {
      ring = callback;
      return {
        set(at) {
          set = at;
        },
        close: async () => {},
      };
    },
    () => now,
  );
  return {
    queue,
    get set() {
      return set;
    },
    /** Lets time pass, from ring to ring. */
    turn(to: number) {
      while (set <= to) {
        now = Math.max(now, set);
        set = Number.POSITIVE_INFINITY;
        ring();
      }
      now = to;
    },
  };
}

describe('what waits for its time', () => {
  it('goes when it has come, in the order of times, whatever the order in which it was given', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 200 }), (times) => {
        const hand = byHand();
        const gone: { due: number; index: number }[] = [];
        times.forEach((due, index) => {
          hand.queue.at(due, () => gone.push({ due, index }));
        });
        hand.turn(50);
        const expected = times.map((due, index) => ({ due, index })).sort((a, b) => a.due - b.due);
        expect(gone).toEqual(expected);
        expect(hand.queue.waiting).toBe(0);
      }),
    );
  });

  it('is not called before its time', () => {
    const hand = byHand();
    const gone: string[] = [];
    hand.queue.at(10, () => gone.push('late'));
    hand.queue.at(5, () => gone.push('early'));
    expect(hand.set).toBe(5);
    hand.turn(9.9);
    expect(gone).toEqual(['early']);
    expect(hand.set).toBe(10);
    hand.turn(10);
    expect(gone).toEqual(['early', 'late']);
  });

  it('may be added to by what goes', () => {
    const hand = byHand();
    const gone: number[] = [];
    const again = (due: number) => () => {
      gone.push(due);
      if (due < 5) hand.queue.at(due + 1, again(due + 1));
    };
    hand.queue.at(1, again(1));
    hand.turn(3);
    expect(gone).toEqual([1, 2, 3]);
    hand.turn(9);
    expect(gone).toEqual([1, 2, 3, 4, 5]);
  });
});
