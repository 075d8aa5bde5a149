import { TandemError } from '@tandem/actors/errors';
import type { SampleRate } from '../codecs/index.ts';
import type { Audio } from '../files/index.ts';
import { SAMPLE_RATE } from '../signal/index.ts';
import type { Asker } from '../threads/index.ts';
import { AudioThreads } from '../threads/index.ts';
import { speakable } from './speakable.ts';
import { chooseVoice } from './voices.ts';

export interface SpeechRequest {
  /** At most 4096 characters. */
  readonly text: string;
  /** TwiML's names (`man`, `woman`, `alice`), a provider's (`Polly.Joanna`) or the engine's own. */
  readonly voice?: string;
  /** BCP 47, such as `en-US`. */
  readonly language?: string;
  /** The rate that is wanted, in hertz, 8000 unless given; another one may come, which is then converted. */
  readonly sampleRate?: SampleRate;
  /** For whom it is said: all are served fairly. */
  readonly asker?: Asker;
  /** Whether somebody waits to hear it: nothing of the play was said before. Yes unless given. */
  readonly isFirst?: boolean;
  /** Takes the request back. */
  readonly signal?: AbortSignal;
}

export interface Speech extends Audio {
  /** What could not be had as it was asked for, when something could not. */
  readonly note?: string;
}

/** Text to speech. Whoever creates one closes it. */
export interface SpeechSynthesizer {
  /** @throws media.speech-failed, media.text-too-long, media.closed */
  synthesize(request: SpeechRequest): Promise<Speech>;
  close(): Promise<void>;
}

/** Characters that are spoken in one request. */
export const LONGEST_TEXT = 4096;

/** The text of a request as an English engine can say it. @throws media.speech-failed, media.text-too-long */
export const textToSay = ({ text }: SpeechRequest): string => {
  if (text.length > LONGEST_TEXT) {
    throw new TandemError('media.text-too-long', { length: text.length, limit: LONGEST_TEXT });
  }
  const said = speakable(text);
  if (said === '') {
    throw new TandemError('media.speech-failed', { detail: 'nothing in it can be said by an English voice' });
  }
  // Signs such as the euro become words, so that what is said may be longer than what was written.
  return said.slice(0, 2 * LONGEST_TEXT);
};

/** Speaks with Flite's voices, which are part of the installation, in the threads of another or its own. */
export const createFliteSynthesizer = (given?: AudioThreads): SpeechSynthesizer => {
  const threads = given ?? new AudioThreads();
  return {
    async synthesize(request) {
      const text = textToSay(request);
      const { name, note } = chooseVoice(request.voice, request.language);
      const { sampleRate = SAMPLE_RATE, asker, signal, isFirst } = request;
      const job = { kind: 'speak', text, voice: name, to: sampleRate } as const;
      return { samples: await threads.run(job, { asker, signal, isFirst }), sampleRate, note };
    },
    close: async () => {
      if (given === undefined) await threads.close();
    },
  };
};
