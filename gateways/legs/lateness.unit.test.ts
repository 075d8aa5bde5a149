import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Lateness } from './lateness.ts';

let now = 0;
let lateness: Lateness;

beforeEach(() => {
  jest.useFakeTimers();
  now = 0;
  lateness = new Lateness(() => now);
});
afterEach(() => {
  lateness.close();
  jest.useRealTimers();
});

/** A tick that comes so late. */
const tick = (late: number): void => {
  now += 20 + late;
  jest.advanceTimersByTime(20);
};

describe('lateness', () => {
  it('is none while ticks come in time', () => {
    for (let count = 0; count < 10; count++) tick(0);
    expect(lateness.milliseconds).toBe(0);
  });

  it('is that of the latest tick, for a while', () => {
    tick(300);
    tick(0);
    expect(lateness.milliseconds).toBe(300);
    for (let count = 0; count < 10; count++) tick(0);
    expect(lateness.milliseconds).toBe(0);
  });

  it('is known before a tick that is overdue', () => {
    now += 20 + 700;
    expect(lateness.milliseconds).toBe(700);
  });
});
