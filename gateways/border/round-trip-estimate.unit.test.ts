import { describe, expect, it } from '@jest/globals';
import { RoundTripEstimate } from './round-trip-estimate.ts';

const of = (...samples: number[]): RoundTripEstimate => {
  const estimate = new RoundTripEstimate();
  for (const sample of samples) estimate.push(sample);
  return estimate;
};

describe('the round trip', () => {
  it('is not known before the first sample, and is the first one then', () => {
    expect(of().roundTrip).toBeUndefined();
    expect(of(40)).toMatchObject({ roundTrip: 40, jitter: 0 });
  });

  it('takes an eighth of each new sample, so that one late answer does not change it much', () => {
    expect(of(40, 120).roundTrip).toBeCloseTo(50);
  });

  it('varies as much as samples differ from one to the next', () => {
    const even = Array.from({ length: 200 }, (_, index) => 40 + (index % 2) * 6);
    expect(of(...even).jitter).toBeCloseTo(6, 1);
    expect(of(40, 40, 40).jitter).toBe(0);
  });
});
