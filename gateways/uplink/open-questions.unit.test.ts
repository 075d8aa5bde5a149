import { afterEach, expect, it, jest } from '@jest/globals';
import { OpenQuestions } from './open-questions.ts';

afterEach(() => {
  jest.useRealTimers();
});

it('are waited for until each has its answer', async () => {
  const questions = new OpenQuestions(['LE1', 'LE2']);
  let all = false;
  const waiting = questions.allAnswered(2 ** 30).then(() => {
    all = true;
  });
  questions.answered(['LE1', 'LE9']);
  await new Promise((resolve) => setImmediate(resolve));
  expect(all).toBe(false);
  questions.answered(['LE2']);
  await waiting;
  await questions.allAnswered(2 ** 30);
});

it('are waited for no longer than is said, and not at all when there are none', async () => {
  await new OpenQuestions([]).allAnswered(2 ** 30);
  jest.useFakeTimers();
  const waiting = new OpenQuestions(['LE1']).allAnswered(1000);
  await jest.advanceTimersByTimeAsync(1000);
  await waiting;
  expect(jest.getTimerCount()).toBe(0);
});
