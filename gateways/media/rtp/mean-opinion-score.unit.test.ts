import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { delayImpairment, lossImpairment, meanOpinionScore, scoreOfRating } from './mean-opinion-score.ts';

const PERFECT = { packets: 1000, lost: 0, jitter: 0, roundTrip: 0 };

describe('the mean opinion score', () => {
  it('is that of good telephony when nothing is wrong, and bad with a tenth lost', () => {
    expect(meanOpinionScore(PERFECT)).toBeCloseTo(4.4, 1);
    expect(meanOpinionScore({ ...PERFECT, packets: 900, lost: 100 })).toBeLessThan(3.5);
  });

  it.each([
    [100, 4.5],
    [93.2, 4.41],
    [90, 4.34],
    [80, 4.03],
    [70, 3.6],
    [60, 3.1],
    [50, 2.58],
    [0, 1],
    [-20, 1],
  ])('of a rating of %d is %d, as ITU-T G.107, annex B, has it', (rating, score) => {
    expect(Math.abs(scoreOfRating(rating) - score)).toBeLessThan(0.01);
  });

  it('suffers from loss as ITU-T G.113 has it of G.711 with concealment', () => {
    expect(lossImpairment(0)).toBe(0);
    expect(lossImpairment(1)).toBeCloseTo(3.64, 2);
    expect(lossImpairment(5)).toBeCloseTo(15.78, 2);
    expect(lossImpairment(20)).toBeCloseTo(42.13, 2);
  });

  it('suffers from delay little up to 177 ms, and much from there on', () => {
    expect(delayImpairment(100)).toBeCloseTo(2.4);
    expect(delayImpairment(177.3)).toBeCloseTo(4.26);
    expect(delayImpairment(400)).toBeCloseTo(34.1);
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
