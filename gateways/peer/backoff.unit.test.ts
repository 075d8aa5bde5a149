import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { backoff, defaultBackoff, refusedBackoff } from './backoff.ts';

describe('waiting before the next attempt', () => {
  it('doubles up to the most', () => {
    const waits = [0, 1, 2, 5, 6, 1000].map((failures) => backoff(failures, defaultBackoff, 0));
    expect(waits).toEqual([100, 200, 400, 3200, 5000, 5000]);
    expect(refusedBackoff(defaultBackoff, 0)).toBe(60_000);
  });

  it('takes at most a half off at random', () => {
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), (failures, random) => {
        const wait = backoff(failures, defaultBackoff, random);
        const full = backoff(failures, defaultBackoff, 0);
        expect(wait >= full / 2 && wait <= full).toBe(true);
      }),
    );
    expect(backoff(0, defaultBackoff, 0.5)).toBe(75);
  });
});
