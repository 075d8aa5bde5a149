import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { schedule } from './schedule.ts';

const HOUR = 3_600_000;

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

it('runs within minutes of the start, then about hourly, and goes on after a run that failed', async () => {
  const errors: unknown[] = [];
  let runs = 0;
  const run = async () => {
    runs += 1;
    if (runs === 1) throw new Error('no disk');
  };
  const running = schedule({ run, onError: (error) => errors.push(error), random: () => 1 });
  await jest.advanceTimersByTimeAsync(HOUR / 8);
  expect(runs).toBe(1);
  expect(errors).toHaveLength(1);
  await jest.advanceTimersByTimeAsync(HOUR);
  expect(runs).toBe(1);
  await jest.advanceTimersByTimeAsync(HOUR / 5);
  expect(runs).toBe(2);
  await running.close();
  await jest.advanceTimersByTimeAsync(3 * HOUR);
  expect(runs).toBe(2);
});

it('ends the run under way when it is closed, and waits for it', async () => {
  let ended = false;
  const run = (signal: AbortSignal) =>
    new Promise<void>((resolve) =>
      signal.addEventListener('abort', () => {
        ended = true;
        resolve();
      }),
    );
  const running = schedule({ run, onError: () => {}, random: () => 0 });
  await jest.advanceTimersByTimeAsync(HOUR / 10);
  await running.close();
  expect(ended).toBe(true);
});
