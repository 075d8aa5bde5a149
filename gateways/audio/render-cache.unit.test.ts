import { describe, expect, it, jest } from '@jest/globals';
import { RenderCache } from './render-cache.ts';

const sound = (bytes: number) => new Int16Array(bytes / 2);

describe('the cache of rendered audio', () => {
  it('makes a thing once for all who ask at the same time, and keeps it', async () => {
    const cache = new RenderCache({ bytes: 100 });
    const make = jest.fn(async () => sound(10));
    const [first, second] = await Promise.all([cache.get('a', 1000, make), cache.get('a', 1000, make)]);
    expect(second).toBe(first);
    expect(await cache.get('a', 1000, make)).toBe(first);
    expect(make).toHaveBeenCalledTimes(1);
    expect(cache.bytes).toBe(10);
  });

  it('lets the longest unused go when there is no more room', async () => {
    const cache = new RenderCache({ bytes: 100 });
    const made: string[] = [];
    const get = (key: string) =>
      cache.get(key, 1000, async () => {
        made.push(key);
        return sound(40);
      });
    for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) await get(key);
    expect(made).toEqual(['a', 'b', 'c', 'b']);
    expect(cache.bytes).toBe(80);
  });

  it('does not keep what is larger than all of it', async () => {
    const cache = new RenderCache({ bytes: 100 });
    await cache.get('small', 1000, async () => sound(60));
    await cache.get('large', 1000, async () => sound(102));
    expect(cache.bytes).toBe(60);
  });

  it('makes a thing anew when its time is over', async () => {
    let now = 0;
    const cache = new RenderCache({ bytes: 100, now: () => now });
    const make = jest.fn(async () => sound(10));
    await cache.get('a', 50, make);
    now = 49;
    await cache.get('a', 50, make);
    expect(make).toHaveBeenCalledTimes(1);
    now = 50;
    await cache.get('a', 50, make);
    expect(make).toHaveBeenCalledTimes(2);
    expect(cache.bytes).toBe(10);
  });

  it('does not keep a failure', async () => {
    const cache = new RenderCache({ bytes: 100 });
    const fail = () => Promise.reject(new Error('no'));
    await expect(Promise.all([cache.get('a', 50, fail), cache.get('a', 50, fail)])).rejects.toThrow('no');
    expect(await cache.get('a', 50, async () => sound(2))).toHaveLength(1);
  });
});
