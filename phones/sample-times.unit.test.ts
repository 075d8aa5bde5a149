import { expect, it } from '@jest/globals';
import { SampleTimes } from './sample-times.ts';

it('tells when a sample was there, from the packet that it was in', () => {
  const times = new SampleTimes();
  expect(times.at(0)).toBeUndefined();
  times.add(160, 160, 1000);
  times.add(320, 160, 1023);
  expect(times.at(159)).toBeUndefined();
  expect(times.at(160)).toBe(1000);
  expect(times.at(240)).toBe(1010);
  expect(times.at(320)).toBe(1023);
  expect(times.at(479)).toBe(1023 + 159 / 8);
  expect(times.at(480)).toBeUndefined();
  times.clear();
  expect(times.at(200)).toBeUndefined();
});
