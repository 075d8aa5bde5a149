import { describe, expect, it } from '@jest/globals';
import { ReadQueue } from './fair-queue.ts';

const open = () => {
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  const queue = new ReadQueue({ atOnce: 2, mostWaiting: 3, full: () => new Error('full') });
  const run = (name: string): Promise<string> =>
    queue.run(name[0]!, () => {
      started.push(name);
      return new Promise((resolve) => ends.set(name, () => resolve(name)));
    });
  const end = async (name: string): Promise<void> => {
    ends.get(name)!();
    await new Promise(setImmediate);
  };
  return { started, run, end };
};

describe('a fair queue', () => {
  it('runs one task of a key at a time, and those of other keys beside it', async () => {
    const { started, run, end } = open();
    const all = ['a1', 'a2', 'a3', 'b1', 'c1', 'b2'].map(run);
    expect(started).toEqual(['a1', 'b1']);
    await end('b1');
    expect(started).toEqual(['a1', 'b1', 'c1']);
    await end('c1');
    await end('b2');
    await end('a1');
    await end('a2');
    await end('a3');
    expect(started).toEqual(['a1', 'b1', 'c1', 'b2', 'a2', 'a3']);
    expect(await Promise.all(all)).toEqual(['a1', 'a2', 'a3', 'b1', 'c1', 'b2']);
  });

  it('lets no key come twice before one that waits', async () => {
    const { started, run, end } = open();
    void ['a1', 'b1', 'a2', 'b2', 'c1', 'c2'].map(run);
    await end('a1');
    await end('b1');
    expect(started.slice(2)).toEqual(['a2', 'b2']);
    await end('a2');
    expect(started.slice(4)).toEqual(['c1']);
  });

  it('refuses what is more than a key may have waiting, and goes on after a task that failed', async () => {
    const queue = new ReadQueue({ atOnce: 1, mostWaiting: 1, full: () => new Error('full') });
    const failing = queue.run('a', () => Promise.reject(new Error('failed')));
    const second = queue.run('a', async () => 'done');
    await expect(queue.run('a', async () => 'never')).rejects.toThrow('full');
    await expect(failing).rejects.toThrow('failed');
    expect(await second).toBe('done');
  });
});
