import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { Rounds } from './rounds.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

it('visits each once in a round, a tenth of them at a time', () => {
  const there = Array.from({ length: 25 }, (_, i) => i);
  const visited: number[] = [];
  const rounds = new Rounds(
    1000,
    () => there,
    (one) => visited.push(one),
  );
  jest.advanceTimersByTime(100);
  expect(visited).toEqual([0, 1, 2]);
  there.push(25);
  jest.advanceTimersByTime(900);
  expect(visited).toEqual(there.slice(0, 25));
  jest.advanceTimersByTime(1000);
  expect(visited).toHaveLength(25 + 26);
  rounds.stop();
});

it('visits nobody when nobody is there, and nobody any more once it has stopped', () => {
  let there: string[] = [];
  const visited: string[] = [];
  const rounds = new Rounds(
    100,
    () => there,
    (one) => visited.push(one),
  );
  jest.advanceTimersByTime(100);
  there = ['a', 'b'];
  jest.advanceTimersByTime(10);
  rounds.stop();
  jest.advanceTimersByTime(1000);
  expect(visited).toEqual(['a']);
});
