import { describe, expect, it } from '@jest/globals';
import { Allowance } from './allowance.ts';

describe('an allowance', () => {
  it('is used up at once, and comes back with time, up to what it was', () => {
    const allowance = new Allowance({ atOnce: 2, perSecond: 1 });
    const times = [1000, 1000, 1000, 1500, 2000, 9000, 9000, 9000];
    expect(times.map((now) => allowance.take(now))).toEqual([
      true,
      true,
      false,
      false,
      true,
      true,
      true,
      false,
    ]);
  });
});
