import { setTimeout as sleep } from 'node:timers/promises';
import { createRenderer, type Renderer } from '@tandem/gateways/audio/render';
import type { Measurement } from './figure.ts';
import { nearest } from './statistics.ts';

/** Accounts that have long texts said, each a new one as soon as the last is. */
const HOSTILE = 10;
const LONGEST = 4096;
const ASKED = 100;
/** Milliseconds between two that ask. */
const PAUSE = 100;

/** Digits, which take longest to be said; no two texts are the same, so that none is kept. */
const digits = (start: number): string => {
  let text = '';
  for (let number = start; text.length < LONGEST; number += 7919) text += `${number} `;
  return text.slice(0, LONGEST);
};

/** Has texts said, as fast as they are, until `stop`. */
async function hostile(renderer: Renderer, one: number, stop: AbortSignal): Promise<void> {
  for (let text = 0; !stop.aborted; text++) {
    const rendered = renderer.render(
      { speech: { text: digits(1e9 * (one + 1) + text) } },
      { asker: { account: `hostile ${one}`, leg: `${text}` } },
    );
    if ('parts' in rendered) for await (const _part of rendered.parts) if (stop.aborted) break;
  }
}

/** Milliseconds until the first sound of a sentence is there. */
async function asked(renderer: Renderer, number: number): Promise<number> {
  const began = performance.now();
  const rendered = renderer.render(
    { speech: { text: `Please hold the line. You are number ${number}.` } },
    { asker: { account: 'other', leg: `${number}` } },
  );
  if ('parts' in rendered) for await (const _part of rendered.parts) return performance.now() - began;
  throw new Error('Nothing was said.');
}

async function askedInTurn(renderer: Renderer, from: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < ASKED; i++) {
    // Their first sentence is the same each time, and would be there; so each is a text of its own.
    times.push(await asked(renderer, from + i));
    await sleep(PAUSE);
  }
  return times;
}

export const fairSpeech: Measurement = {
  name: 'fair-speech',
  about: 'how long a short sentence waits beside ten accounts that have the longest texts said without end',
  async measure(say) {
    const renderer = createRenderer({ download: () => Promise.reject(new Error('Nothing is downloaded.')) });
    const stop = new AbortController();
    try {
      await asked(renderer, 0);
      const alone = await askedInTurn(renderer, 1000);
      say(`alone: ${Math.round(nearest(alone, 0.5))} ms`);
      const others = Array.from({ length: HOSTILE }, (_, one) => hostile(renderer, one, stop.signal));
      // Until each of them waits.
      await asked(renderer, 1);
      const beside = await askedInTurn(renderer, 5000);
      stop.abort();
      await Promise.all(others);
      return [
        { name: 'first sound alone, p50', value: nearest(alone, 0.5), unit: 'ms' },
        { name: 'first sound alone, p99', value: nearest(alone, 0.99), unit: 'ms' },
        { name: `first sound beside ${HOSTILE}, p50`, value: nearest(beside, 0.5), unit: 'ms' },
        {
          name: `first sound beside ${HOSTILE}, p99`,
          value: nearest(beside, 0.99),
          unit: 'ms',
          aim: { atMost: 300 },
        },
      ];
    } finally {
      await renderer.close();
    }
  },
};
