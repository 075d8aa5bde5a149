import { TandemError } from '@tandem/actors/errors';
import type { SampleRate } from '../codecs/index.ts';
import { join, SAMPLE_RATE, tone } from '../signal/index.ts';
import type { PlayItem } from '../speech/index.ts';
import { createFliteSynthesizer, type SpeechSynthesizer, spokenPieces, textToSay } from '../speech/index.ts';
import { type Asker, AudioThreads, NOBODY } from '../threads/index.ts';
import { RenderCache } from './render-cache.ts';
import { SoundBudget } from './sound-budget.ts';

/** A file as it was downloaded. */
export interface Download {
  readonly contentType: string;
  readonly body: Uint8Array;
}

/**
 * An item as sound of one channel, at the rate that was asked for: whole, or part by part, each made when it is asked
 * for. The samples may be shared with others and are not to be changed.
 */
export type RenderedItem =
  | { readonly samples: Int16Array /** Goes on, over and over, until stopped. */; readonly endless: boolean }
  | { readonly parts: AsyncIterable<Int16Array> };

/** How an item is wanted. */
export interface RenderRequest {
  /** In hertz, 8000 unless given. */
  readonly sampleRate?: SampleRate;
  /** For whom: all are served fairly. */
  readonly asker?: Asker;
}

export interface DownloadRequest {
  readonly bytes: number;
  /** Of the first that asked for it. */
  readonly account: string;
  /** Aborted when nobody waits for it any more. */
  readonly signal: AbortSignal;
}

export interface RenderOptions {
  /** Fetches a file, at most `bytes` of it, for an account; where it may connect to is its affair. */
  readonly download: (url: string, request: DownloadRequest) => Promise<Download>;
  readonly speech: SpeechSynthesizer;
  /** Decodes files and converts rates off the main thread. */
  readonly threads: AudioThreads;
  readonly cache: RenderCache;
  readonly budget: SoundBudget;
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

/** What a decoder has in its thread beside the file, about, in bytes. */
const DECODER = 2 * 1024 * 1024;
/** Bytes of samples of one sound that are kept for others who play it: 17 minutes at 8 kHz. */
const LONGEST_KEPT = 16 * 1024 * 1024;
/** Bytes of files and sound that are held for what is played now. */
const HELD = { inAll: 512 * 1024 * 1024, perAccount: 128 * 1024 * 1024 };

/**
 * Makes sound out of an item of a play. The same sentence or file at the same time is made once. Whoever reads the parts
 * of a sound makes them: they come no faster than they are asked for, and no longer once nobody does.
 *
 * @throws media.unknown-tone; and while it is read media.file-unreadable, media.file-too-large,
 *   media.unsupported-format, media.speech-failed, media.text-too-long, media.audio-failed, media.audio-overloaded,
 *   media.sound-held, media.closed
 */
export const renderItem = (
  item: PlayItem,
  options: RenderOptions,
  { sampleRate = SAMPLE_RATE, asker = NOBODY }: RenderRequest = {},
): RenderedItem => {
  if ('silence' in item) return { samples: silence(item.silence, sampleRate), endless: false };
  if ('tone' in item) {
    const { samples, loop } = tone(item.tone.name, sampleRate);
    return { samples, endless: loop };
  }
  const hold = (bytes: number): void => options.budget.hold(asker.account, bytes);
  if ('speech' in item) {
    const { text, voice, language } = item.speech;
    const parts = options.cache.read(JSON.stringify(['speech', text, voice, language, sampleRate]), {
      lifetime: SPEECH_LIFETIME,
      make: (signal) => speak(item.speech, options, { sampleRate, asker, signal }),
      hold,
    });
    return { parts };
  }
  const { url } = item.file;
  const parts = options.cache.read(JSON.stringify(['file', url, sampleRate]), {
    lifetime: FILE_LIFETIME,
    make: (signal) => load(url, options, { sampleRate, asker, signal, hold }),
    hold,
  });
  return { parts };
};

/** Milliseconds of silence, an hour at most. */
const silence = (milliseconds: number, sampleRate: number): Int16Array =>
  new Int16Array(Math.round(Math.min(LONGEST_ITEM, Math.max(0, milliseconds) / 1000) * sampleRate));

interface Wanted extends Required<RenderRequest> {
  readonly signal: AbortSignal;
}

/** A text as sound, sentence by sentence: the first is heard while the next is spoken. */
async function* speak(
  { voice, language, text }: Extract<PlayItem, { speech: unknown }>['speech'],
  { speech, threads, onNote }: RenderOptions,
  { sampleRate: to, asker, signal }: Wanted,
): AsyncGenerator<Int16Array, void> {
  let isFirst = true;
  for (const piece of spokenPieces(textToSay({ text }))) {
    const request = { text: piece, voice, language, sampleRate: to, asker, signal, isFirst };
    const { samples, sampleRate, note } = await speech.synthesize(request);
    if (note && isFirst) onNote?.(note);
    isFirst = false;
    if (sampleRate === to) yield samples;
    else yield await threads.run({ kind: 'resample', samples, sampleRate, to }, { asker, signal });
  }
}

async function* load(
  url: string,
  { download, threads }: RenderOptions,
  { sampleRate: to, asker, signal, hold }: Wanted & { readonly hold: (bytes: number) => void },
): AsyncGenerator<Int16Array, void> {
  const { contentType, body } = await downloaded(url, download, {
    bytes: LARGEST_FILE,
    account: asker.account,
    signal,
  });
  if (body.length > LARGEST_FILE) {
    throw new TandemError('media.file-too-large', {
      what: `The file at ${printable(url)}`,
      limit: `${LARGEST_FILE} bytes`,
    });
  }
  if (body.length === 0) {
    throw new TandemError('media.file-unreadable', { url: printable(url), detail: 'it is empty' });
  }
  hold(DECODER + body.length);
  try {
    const job = { bytes: body, contentType, to, longest: LONGEST_ITEM * to };
    yield* threads.decode(job, { asker, signal });
  } finally {
    hold(-DECODER - body.length);
  }
}

const downloaded = async (
  url: string,
  download: RenderOptions['download'],
  request: DownloadRequest,
): Promise<Download> => {
  try {
    return await download(url, request);
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
  readonly render: (item: PlayItem, request?: RenderRequest) => RenderedItem;
  close(): Promise<void>;
}

/** What a renderer is given; it closes the synthesizer, its own Flite when there is none. */
export interface RendererOptions extends Pick<RenderOptions, 'download' | 'onNote'> {
  readonly speech?: SpeechSynthesizer;
  /** Bytes of rendered audio that are kept; 64 MiB unless given (an hour and ten minutes at 8 kHz). */
  readonly cacheBytes?: number;
  /** Threads that speak, decode and convert sound; 2 unless given. */
  readonly threads?: number;
}

/** A renderer with threads and a cache of its own; the threads start when they are first needed. */
export const createRenderer = ({
  download,
  onNote,
  speech: given,
  cacheBytes = 64 * 1024 * 1024,
  threads: count,
}: RendererOptions): Renderer => {
  const threads = new AudioThreads({ threads: count });
  const speech = given ?? createFliteSynthesizer(threads);
  const cache = new RenderCache({ bytes: cacheBytes, longest: LONGEST_KEPT });
  const options = { download, onNote, speech, threads, cache, budget: new SoundBudget(HELD) };
  return {
    render: (item, request) => renderItem(item, options, request),
    close: async () => {
      await Promise.all([threads.close(), speech.close()]);
    },
  };
};

/** All of a sound, for whoever cannot take it part by part. @throws what the making throws */
export const wholeOf = async (rendered: RenderedItem, signal?: AbortSignal): Promise<Int16Array> => {
  if ('samples' in rendered) return rendered.samples;
  const reading = rendered.parts[Symbol.asyncIterator]();
  const stop = (): void => void reading.return?.();
  signal?.addEventListener('abort', stop);
  try {
    const parts: Int16Array[] = [];
    for (let next = await reading.next(); !next.done; next = await reading.next()) parts.push(next.value);
    signal?.throwIfAborted();
    return join(parts);
  } finally {
    signal?.removeEventListener('abort', stop);
    stop();
  }
};
