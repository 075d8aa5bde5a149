import { describe, expect, it } from '@jest/globals';
import { evenly, TokenBucket } from './token-bucket.ts';

describe('a token bucket', () => {
  it('is used up at once, and comes back with time, up to what it was', () => {
    const bucket = new TokenBucket({ atOnce: 2, perSecond: 1 });
    const times = [1000, 1000, 1000, 1500, 2000, 9000, 9000, 9000];
    expect(times.map((now) => bucket.take(now))).toEqual([true, true, false, false, true, true, true, false]);
  });

  it('says how long it takes until there is one again', () => {
    const bucket = new TokenBucket({ atOnce: 1, perSecond: 4 });
    expect(bucket.wait).toBe(0);
    expect(bucket.take(1000)).toBe(true);
    expect(bucket.wait).toBe(250);
    expect(bucket.take(1100)).toBe(false);
    expect(bucket.wait).toBeCloseTo(150);
    expect(bucket.take(1250)).toBe(true);
  });

  it('gains nothing from a clock that goes back', () => {
    const bucket = new TokenBucket({ atOnce: 1, perSecond: 1 });
    expect([bucket.take(5000), bucket.take(1000), bucket.take(1500), bucket.take(2000)]).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });

  it('takes a burst of one second, then no more than its rate', () => {
    const bucket = new TokenBucket(evenly(100));
    const taken = (now: number) => Array.from({ length: 200 }, () => bucket.take(now)).filter(Boolean).length;
    expect(taken(0)).toBe(100);
    expect(taken(100)).toBe(10);
    expect(taken(60_000)).toBe(100);
  });
});
