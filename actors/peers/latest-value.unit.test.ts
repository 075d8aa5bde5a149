import { describe, expect, it, jest } from '@jest/globals';
import { saveLatest } from './latest-value.ts';

describe('saving the latest value', () => {
  it('saves one at a time and leaves out those that were overtaken', async () => {
    const saved: number[] = [];
    const first = Promise.withResolvers<void>();
    const latest = saveLatest<number>(
      async (value) => {
        saved.push(value);
        if (value === 1) await first.promise;
      },
      () => {},
    );
    latest.put(1);
    const idle = latest.idle();
    for (const value of [2, 3]) latest.put(value);
    first.resolve();
    await idle;
    await latest.idle();
    expect(saved).toEqual([1, 3]);
    latest.put(4);
    await latest.idle();
    expect(saved).toEqual([1, 3, 4]);
  });

  it('waits a while for newer values', () => {
    jest.useFakeTimers();
    try {
      const saved: number[] = [];
      const latest = saveLatest<number>(
        async (value) => void saved.push(value),
        () => {},
      );
      for (const value of [1, 2, 3]) latest.put(value);
      jest.advanceTimersByTime(100);
      latest.put(4);
      jest.advanceTimersByTime(100);
      return Promise.resolve().then(() => expect(saved).toEqual([4]));
    } finally {
      jest.useRealTimers();
    }
  });

  it('tells of a failed save and goes on with the next value', async () => {
    const saved: number[] = [];
    const failures: unknown[] = [];
    const latest = saveLatest<number>(
      (value) => {
        if (value === 1) throw new Error('full');
        saved.push(value);
        return Promise.resolve();
      },
      (error) => failures.push(error),
    );
    latest.put(1);
    await latest.idle();
    latest.put(2);
    await latest.idle();
    expect(failures).toEqual([new Error('full')]);
    expect(saved).toEqual([2]);
  });
});
