import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { meanOpinionScore } from './mean-opinion-score.ts';

const PERFECT = { packets: 1000, lost: 0, jitter: 0, roundTrip: 0 };

describe('the mean opinion score', () => {
  it('is that of good telephony when nothing is wrong, and bad with a tenth lost', () => {
    expect(meanOpinionScore(PERFECT)).toBeCloseTo(4.4, 1);
    expect(meanOpinionScore({ ...PERFECT, packets: 900, lost: 100 })).toBeLessThan(3.5);
  });

  it('stays within its bounds and never gets better when anything gets worse', () => {
    const quality = fc.record({
      packets: fc.integer({ min: 1, max: 1e6 }),
      lost: fc.integer({ min: -1000, max: 1e6 }),
      jitter: fc.nat(1000),
      roundTrip: fc.nat(5000),
    });
    fc.assert(
      fc.property(
        quality,
        fc.constantFrom('lost', 'jitter', 'roundTrip'),
        fc.nat(500),
        (before, what, more) => {
          const score = meanOpinionScore(before);
          expect(score).toBeGreaterThanOrEqual(1);
          expect(score).toBeLessThan(4.42);
          const worse = meanOpinionScore({ ...before, [what]: before[what as 'lost'] + more });
          expect(worse).toBeLessThanOrEqual(score + 0.02);
        },
      ),
    );
  });
});
