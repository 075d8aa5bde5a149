import { expect, it } from '@jest/globals';
import { Turns } from './turns.ts';

it('turns are an interval apart, and the first who asks after a while waits for nothing', () => {
  let now = 1000;
  const turns = new Turns(20, () => now);
  expect([turns.take(), turns.take(), turns.take()]).toEqual([0, 20, 40]);
  now += 10;
  expect(turns.take()).toBe(50);
  now += 1000;
  expect([turns.take(), turns.take()]).toEqual([0, 20]);
});
