import { describe, expect, it, jest } from '@jest/globals';
import { join } from '../signal/resample.ts';
import { RenderCache } from './render-cache.ts';

const sound = (bytes: number) => new Int16Array(bytes / 2);
const made = (...parts: number[]) =>
  jest.fn(async function* () {
    for (const bytes of parts) yield sound(bytes);
  });
const allOf = async (parts: AsyncIterable<Int16Array>) => join(await Array.fromAsync(parts));

describe('the cache of rendered audio', () => {
  it('makes a thing once for all who ask while it is made, and keeps it', async () => {
    const cache = new RenderCache({ bytes: 100 });
    const make = made(10, 20);
    const read = () => allOf(cache.read('a', { lifetime: 1000, make }));
    const both = await Promise.all([read(), read()]);
    expect(both.map((samples) => samples.byteLength)).toEqual([30, 30]);
    expect((await read()).byteLength).toBe(30);
    expect(make).toHaveBeenCalledTimes(1);
    expect(cache.bytes).toBe(30);
  });

  it('lets the longest unused go when there is no more room', async () => {
    const cache = new RenderCache({ bytes: 100 });
    const asked: string[] = [];
    const make = (key: string) => () => {
      asked.push(key);
      return made(40)();
    };
    for (const key of ['a', 'b', 'a', 'c', 'a', 'b'])
      await allOf(cache.read(key, { lifetime: 1000, make: make(key) }));
    expect(asked).toEqual(['a', 'b', 'c', 'b']);
    expect(cache.bytes).toBe(80);
  });

  it('shares the making of what it cannot keep with those who come while its beginning is there', async () => {
    const cache = new RenderCache({ bytes: 100, longest: 50 });
    let held = 0;
    const hold = (bytes: number) => {
      held += bytes;
    };
    const make = made(40, 40, 40);
    const asked = { lifetime: 1000, make, hold };
    const [one, two] = [cache.read('a', asked), cache.read('a', asked)].map((parts) =>
      parts[Symbol.asyncIterator](),
    );
    for (const reader of [one!, two!, one!, one!]) expect((await reader.next()).done).toBe(false);
    // The second one has the second part yet to come, so that one is kept and the first is not.
    expect(held).toBe(80);
    expect(make).toHaveBeenCalledTimes(1);
    await cache.read('a', asked)[Symbol.asyncIterator]().next();
    expect(make).toHaveBeenCalledTimes(2);
    for (let i = 0; i < 2; i++) expect((await two!.next()).done).toBe(false);
    expect(await Promise.all([one!.next(), two!.next()])).toMatchObject([{ done: true }, { done: true }]);
    expect(cache.bytes).toBe(0);
    expect(held).toBe(40);
  });

  it('makes nothing more when nobody wants it any more, even while a part is made', async () => {
    const cache = new RenderCache({ bytes: 100 });
    const abandoned = jest.fn();
    const make = async function* (signal: AbortSignal) {
      yield sound(10);
      await new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          abandoned();
          reject(signal.reason);
        });
      });
    };
    let held = 0;
    const hold = (bytes: number) => {
      held += bytes;
    };
    const readers = [1, 2].map(() => cache.read('a', { lifetime: 1000, make, hold })[Symbol.asyncIterator]());
    await Promise.all(readers.map((reader) => reader.next()));
    const waiting = readers.map((reader) => reader.next());
    await readers[0]!.return!();
    expect(abandoned).not.toHaveBeenCalled();
    await readers[1]!.return!();
    expect(abandoned).toHaveBeenCalledTimes(1);
    expect(await Promise.all(waiting)).toMatchObject([{ done: true }, { done: true }]);
    expect(held).toBe(0);
    expect(cache.bytes).toBe(0);
  });

  it('makes a thing anew when its time is over', async () => {
    let now = 0;
    const cache = new RenderCache({ bytes: 100, now: () => now });
    const make = made(10);
    const read = () => allOf(cache.read('a', { lifetime: 50, make }));
    await read();
    now = 49;
    await read();
    expect(make).toHaveBeenCalledTimes(1);
    now = 50;
    await read();
    expect(make).toHaveBeenCalledTimes(2);
    expect(cache.bytes).toBe(10);
  });

  it('does not keep a failure, of which all hear who wait for it', async () => {
    const cache = new RenderCache({ bytes: 100 });
    const make = async function* () {
      yield sound(2);
      throw new Error('no');
    };
    const read = () => allOf(cache.read('a', { lifetime: 50, make }));
    const outcomes = await Promise.allSettled([read(), read()]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await allOf(cache.read('a', { lifetime: 50, make: made(2) }))).toHaveLength(1);
  });
});
