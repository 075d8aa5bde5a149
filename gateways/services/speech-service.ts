import { randomUUID } from 'node:crypto';
import { type Renderer, wholeOf } from '../audio/render/index.ts';
import { SAMPLE_RATE } from '../audio/signal/index.ts';
import type { Speech, SpeechRequest } from '../audio/speech/index.ts';
import { NOBODY } from '../audio/threads/index.ts';
import type { ServiceTable } from './service-table.ts';

/**
 * The speech of this gateway for other regions, which play it themselves: a text takes one of the service's sessions
 * for as long as it is made.
 *
 * @throws media.no-service, media.service-full, and what the renderer throws
 */
export const speechService =
  (services: ServiceTable, { render }: Pick<Renderer, 'render'>) =>
  async (
    who: string,
    { text, voice, language, sampleRate = SAMPLE_RATE, asker = NOBODY, signal }: SpeechRequest,
  ): Promise<Speech> => {
    const user = `${who} ${randomUUID()}`;
    services.begin('speech', user);
    try {
      // What another region calls an account is nothing here.
      const account = `${who}/${asker.account}`;
      const request = { sampleRate, asker: { account, leg: asker.leg } };
      const samples = await wholeOf(render({ speech: { text, voice, language } }, request), signal);
      return { samples, sampleRate };
    } finally {
      services.end('speech', user);
    }
  };
