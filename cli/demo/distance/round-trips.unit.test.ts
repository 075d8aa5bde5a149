import { describe, expect, it } from '@jest/globals';
import { parseRoundTrips, readRoundTrips } from './round-trips.ts';

describe('round trips between places', () => {
  it('are read from the table', () => {
    const trips = readRoundTrips();
    expect(trips.between('london', 'washington')).toBe(75);
    expect(trips.between('frankfurt', 'london')).toBe(13);
    expect(trips.between('london', 'london')).toBe(0);
  });

  it('are known for every pair, and none within a place', () => {
    const trips = readRoundTrips();
    for (const one of trips.places) {
      expect(trips.between(one, one)).toBe(0);
      for (const other of trips.places.filter((place) => place !== one)) {
        expect(trips.between(one, other)).toBeGreaterThan(0);
      }
    }
  });

  it('are not made up for a place that is not there', () => {
    const trips = parseRoundTrips('# remark\nplace,here,there\nhere,0,7\nthere,7,0\n');
    expect(trips.between('here', 'there')).toBe(7);
    expect(() => trips.between('here', 'paris')).toThrow(/"paris".*here, there/s);
  });
});
