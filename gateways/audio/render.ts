import { TandemError } from '@tandem/actors/errors/tandem-error.ts';
import type { PlayItem } from '../media/media-plane.ts';
import { AudioWorker } from './audio-worker.ts';
import type { SampleRate } from './codec.ts';
import { SAMPLE_RATE } from './goertzel.ts';
import { RenderCache } from './render-cache.ts';
import { createFliteSynthesizer, type SpeechSynthesizer } from './speech.ts';
import { tone } from './tones.ts';

/** A file as it was downloaded. */
export interface Download {
  readonly contentType: string;
  readonly body: Uint8Array;
}

/** An item as sound of one channel, at the rate that was asked for. The samples may be shared with others and are not to be changed. */
export interface RenderedItem {
  readonly samples: Int16Array;
  /** Goes on, over and over, until stopped. */
  readonly endless: boolean;
}

export interface RenderOptions {
  /** Fetches a file, at most `bytes` of it; where it may connect to is its affair. */
  readonly download: (url: string, limits: { readonly bytes: number }) => Promise<Download>;
  readonly speech: SpeechSynthesizer;
  /** Decodes files and converts rates off the main thread. */
  readonly worker: AudioWorker;
  readonly cache: RenderCache;
  /** Hears what could not be had as it was asked for, such as a voice. */
  readonly onNote?: (note: string) => void;
}

/** Bytes of a file that is played. */
export const LARGEST_FILE = 10 * 1024 * 1024;
/** Seconds of an item: one hour. */
const LONGEST_ITEM = 3600;

const SPEECH_LIFETIME = Number.POSITIVE_INFINITY;
/** Milliseconds that a decoded file is used again: long enough for a loop or a rush, short enough for its owner. */
const FILE_LIFETIME = 60_000;

/**
 * Makes sound out of an item of a play. The same sentence or file at the same time is made once.
 *
 * @param sampleRate of what comes out, whatever the source has
 * @throws media.unknown-tone, media.file-unreadable, media.file-too-large, media.unsupported-format,
 *   media.speech-failed, media.text-too-long, media.audio-failed, media.audio-overloaded, media.closed
 */
export const renderItem = async (
  item: PlayItem,
  options: RenderOptions,
  sampleRate: SampleRate = SAMPLE_RATE,
): Promise<RenderedItem> => {
  if ('silence' in item) return once(silence(item.silence, sampleRate));
  if ('tone' in item) {
    const { samples, loop } = tone(item.tone.name, sampleRate);
    return { samples, endless: loop };
  }
  if ('speech' in item) {
    const { text, voice, language } = item.speech;
    const key = JSON.stringify(['speech', text, voice, language, sampleRate]);
    return once(await options.cache.get(key, SPEECH_LIFETIME, () => speak(item.speech, options, sampleRate)));
  }
  const { url } = item.file;
  return once(
    await options.cache.get(JSON.stringify(['file', url, sampleRate]), FILE_LIFETIME, () =>
      load(url, options, sampleRate),
    ),
  );
};

const once = (samples: Int16Array): RenderedItem => ({ samples, endless: false });

/** Milliseconds of silence, an hour at most. */
const silence = (milliseconds: number, sampleRate: number): Int16Array =>
  new Int16Array(Math.round(Math.min(LONGEST_ITEM, Math.max(0, milliseconds) / 1000) * sampleRate));

const speak = async (
  request: Extract<PlayItem, { speech: unknown }>['speech'],
  { speech, worker, onNote }: RenderOptions,
  to: SampleRate,
): Promise<Int16Array> => {
  const { samples, sampleRate, note } = await speech.synthesize({ ...request, sampleRate: to });
  if (note) onNote?.(note);
  if (sampleRate === to) return samples;
  return worker.run({ kind: 'resample', samples, sampleRate, to });
};

const load = async (
  url: string,
  { download, worker }: RenderOptions,
  to: SampleRate,
): Promise<Int16Array> => {
  const { contentType, body } = await downloaded(url, download);
  if (body.length > LARGEST_FILE) {
    throw new TandemError('media.file-too-large', {
      what: `The file at ${printable(url)}`,
      limit: `${LARGEST_FILE} bytes`,
    });
  }
  if (body.length === 0) {
    throw new TandemError('media.file-unreadable', { url: printable(url), detail: 'it is empty' });
  }
  return worker.run({ kind: 'decode', bytes: body, contentType, to, longest: LONGEST_ITEM * to });
};

const downloaded = async (url: string, download: RenderOptions['download']): Promise<Download> => {
  try {
    return await download(url, { bytes: LARGEST_FILE });
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    const detail = said.replace(/\.$/, '');
    throw new TandemError('media.file-unreadable', { url: printable(url), detail }, { cause: error });
  }
};

/** A URL without what may be secret in it: user, password, query. */
const printable = (url: string): string => {
  if (!URL.canParse(url)) return JSON.stringify(url.slice(0, 100));
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
};

/** Renders items, and owns what that takes. */
export interface Renderer {
  /** As `renderItem`. */
  readonly render: (item: PlayItem, sampleRate?: SampleRate) => Promise<RenderedItem>;
  close(): Promise<void>;
}

/** What a renderer is given; it closes the synthesizer, its own Flite when there is none. */
export interface RendererOptions extends Pick<RenderOptions, 'download' | 'onNote'> {
  readonly speech?: SpeechSynthesizer;
  /** Bytes of rendered audio that are kept; 64 MiB unless given (an hour and ten minutes at 8 kHz). */
  readonly cacheBytes?: number;
}

/** A renderer with threads and a cache of its own; the threads start when they are first needed. */
export const createRenderer = ({
  download,
  onNote,
  speech = createFliteSynthesizer(),
  cacheBytes = 64 * 1024 * 1024,
}: RendererOptions): Renderer => {
  const worker = new AudioWorker();
  const options = { download, onNote, speech, worker, cache: new RenderCache({ bytes: cacheBytes }) };
  return {
    render: (item, sampleRate) => renderItem(item, options, sampleRate),
    close: async () => {
      await Promise.all([worker.close(), speech.close()]);
    },
  };
};
