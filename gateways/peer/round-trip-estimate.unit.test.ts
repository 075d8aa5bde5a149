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

  it('is the middle one of the last seven, so that late answers do not change it', () => {
    expect(of(120, 40).roundTrip).toBe(40);
    expect(of(40, 120, 41, 500, 42).roundTrip).toBe(42);
    expect(of(500, 40, 41, 300, 42, 43, 44).roundTrip).toBe(43);
  });

  it('is the new one after four samples of a way that has become longer, or shorter', () => {
    expect(of(40, 40, 40, 40, 40, 40, 40, 90, 90, 90).roundTrip).toBe(40);
    expect(of(40, 40, 40, 40, 40, 40, 40, 90, 90, 90, 90).roundTrip).toBe(90);
    expect(of(90, 90, 90, 90, 90, 90, 90, 40, 40, 40, 40).roundTrip).toBe(40);
  });

  it('varies as much as samples differ from one to the next', () => {
    const even = Array.from({ length: 200 }, (_, index) => 40 + (index % 2) * 6);
    expect(of(...even).jitter).toBeCloseTo(6, 1);
    expect(of(40, 40, 40).jitter).toBe(0);
  });
});
