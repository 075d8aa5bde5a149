import { expect, it } from '@jest/globals';
import { believedTime } from './walk.ts';

it('a clock that goes back makes nothing older than what was stored before it', () => {
  expect(believedTime(1000, 10, 2000)).toBe(1000);
  expect(believedTime(1000, 1500, 2000)).toBe(1500);
});

it('a clock that is ahead holds nothing up', () => {
  expect(believedTime(1000, 9000, 2000)).toBe(1000);
});
