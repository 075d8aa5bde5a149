import { describe, expect, it, jest } from '@jest/globals';
import type { PlayItem } from '../../audio/speech/play-item.ts';
import type { PlayPiece } from '../session/player.ts';
import { PlayFeed, type Render } from './play-feed.ts';

const SAMPLE_RATE = 8000;
const seconds = (count: number, value = 1) => new Int16Array(count * SAMPLE_RATE).fill(value);
const lengthOf = (piece: PlayPiece): number =>
  'samples' in piece ? piece.samples.length / SAMPLE_RATE : piece.silence / 1000;

/** A feed, and what it has given so far. */
const feeding = (render: Render) => {
  const given: PlayPiece[] = [];
  const feed = new PlayFeed({
    render,
    sampleRate: SAMPLE_RATE,
    asker: { account: 'AC1', leg: 'LG1' },
    give: (piece) => given.push(piece),
  });
  return { feed, given, lengths: () => given.map(lengthOf) };
};

const file: PlayItem = { file: { url: 'http://example.com/a.wav' } };
/** Lets all that waits for nothing but other promises go on. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('the feed of a play', () => {
  it('makes no more than some seconds ahead of what is heard', async () => {
    let made = 0;
    const { feed, given } = feeding(() => ({
      parts: (async function* () {
        for (; made < 100; made++) yield seconds(4);
      })(),
    }));
    const running = feed.run({ items: [file], loop: 1 });
    await settled();
    expect(given).toHaveLength(3);
    feed.heard();
    await settled();
    expect(given).toHaveLength(4);
    feed.end();
    expect(await running).toBe(false);
    expect(made).toBeLessThan(6);
  });

  it('has the next piece ready while a long one is heard', async () => {
    const { feed, lengths } = feeding((item) => ({
      samples: seconds('file' in item ? 60 : 30),
      endless: false,
    }));
    const running = feed.run({ items: [file, { tone: { name: 'beep' } }, file], loop: 1 });
    await settled();
    expect(lengths()).toEqual([60, 30]);
    feed.heard();
    await settled();
    expect(lengths()).toEqual([60, 30, 60]);
    feed.heard();
    expect(await running).toBe(true);
  });

  it('ends what is being made as soon as it is ended', async () => {
    const returned = jest.fn();
    let refuse = (_error: Error): void => {};
    const parts: AsyncIterable<Int16Array> = {
      [Symbol.asyncIterator]: () => ({
        next: () =>
          new Promise((_, reject) => {
            refuse = reject;
          }),
        return: async () => {
          returned();
          refuse(new Error('given up'));
          return { done: true, value: undefined };
        },
      }),
    };
    const { feed, given } = feeding(() => ({ parts }));
    const running = feed.run({ items: [file], loop: 0 });
    await settled();
    feed.end();
    await expect(running).rejects.toThrow('given up');
    expect(returned).toHaveBeenCalled();
    expect(given).toEqual([]);
  });

  it('gives its items in turn, as often as asked', async () => {
    const asked: string[] = [];
    const { feed, lengths } = feeding((item) => {
      asked.push(Object.keys(item)[0]!);
      return { samples: seconds(1), endless: false };
    });
    const running = feed.run({ items: [file, { silence: 500 }, { tone: { name: 'beep' } }], loop: 2 });
    expect(await running).toBe(true);
    expect(lengths()).toEqual([1, 0.5, 1, 1, 0.5, 1]);
    expect(asked).toEqual(['file', 'tone', 'file', 'tone']);
  });

  it('repeats what is short a second at a time, and exactly as often as asked', async () => {
    for (const loop of [1, 2, 7, 10, 11, 23]) {
      const render = jest.fn<Render>(() => ({ samples: seconds(0.1, 7), endless: false }));
      const { feed, given, lengths } = feeding(render);
      expect(await feed.run({ items: [file, { silence: 25 }], loop })).toBe(true);
      const total = lengths().reduce((sum, length) => sum + length);
      expect(total).toBeCloseTo(0.125 * loop, 6);
      expect(render).toHaveBeenCalledTimes(1);
      expect(given.length).toBeLessThan(6);
    }
    const { feed, lengths } = feeding(() => ({ samples: seconds(0.1), endless: false }));
    const running = feed.run({ items: [file], loop: 0 });
    await settled();
    expect(lengths().slice(1)).toEqual(new Array(10).fill(1));
    feed.end();
    expect(await running).toBe(false);
  });

  it('is over at once when there is nothing to hear, however often', async () => {
    const { feed, given } = feeding(() => ({ samples: new Int16Array(0), endless: false }));
    expect(await feed.run({ items: [file, { silence: 0 }, { silence: -5 }], loop: 0 })).toBe(true);
    expect(given).toEqual([]);
  });

  it('fails as what it plays does', async () => {
    const { feed } = feeding(() => {
      throw new Error('no such tone');
    });
    await expect(feed.run({ items: [file], loop: 1 })).rejects.toThrow('no such tone');
  });
});
