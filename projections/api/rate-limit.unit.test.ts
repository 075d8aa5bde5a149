import { describe, expect, it } from '@jest/globals';
import { RateLimit } from './rate-limit.ts';

describe('a rate limit', () => {
  it('lets each key have so many a second, and refuses more until time passes', () => {
    let now = 0;
    const limit = new RateLimit(3, () => now);
    const taken = (key: string, times: number): number => {
      let count = 0;
      for (let time = 0; time < times; time += 1) {
        try {
          limit.take(key);
          count += 1;
        } catch (error) {
          expect(error).toMatchObject({ code: 'api.too-many-requests', status: 429 });
        }
      }
      return count;
    };
    expect(taken('AC1', 10)).toBe(3);
    expect(taken('AC2', 10)).toBe(3);
    now += 334;
    expect(taken('AC1', 10)).toBe(1);
    now += 3_600_000;
    expect(taken('AC1', 10)).toBe(3);
  });
});
