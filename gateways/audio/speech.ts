import { TandemError } from '@tandem/actors/errors/tandem-error.ts';
import { AudioWorker } from './audio-worker.ts';
import type { SampleRate } from './codec.ts';
import { SAMPLE_RATE } from './goertzel.ts';
import { speakable } from './speakable.ts';
import { chooseVoice } from './voices.ts';
import type { Audio } from './wav.ts';

export interface SpeechRequest {
  /** At most 4096 characters. */
  readonly text: string;
  /** TwiML's names (`man`, `woman`, `alice`), a provider's (`Polly.Joanna`) or the engine's own. */
  readonly voice?: string;
  /** BCP 47, such as `en-US`. */
  readonly language?: string;
  /** The rate that is wanted, in hertz, 8000 unless given; another one may come, which is then converted. */
  readonly sampleRate?: SampleRate;
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

/** Speaks with Flite's voices, which are part of the installation, in a thread that is started when first needed. */
export const createFliteSynthesizer = (): SpeechSynthesizer => {
  const worker = new AudioWorker();
  return {
    async synthesize(request) {
      const text = textToSay(request);
      const { name, note } = chooseVoice(request.voice, request.language);
      const sampleRate = request.sampleRate ?? SAMPLE_RATE;
      const samples = await worker.run({ kind: 'speak', text, voice: name, to: sampleRate });
      return { samples, sampleRate, note };
    },
    close: () => worker.close(),
  };
};
