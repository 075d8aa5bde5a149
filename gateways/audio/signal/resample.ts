import load, { type SpeexResamplerModule } from '@echogarden/speex-resampler-wasm';
import { SAMPLE_RATE } from './goertzel.ts';

/** SpeexDSP's scale of 0 to 10; above 7 the passband hardly gets wider. */
const QUALITY = 7;
/** Samples that go into the module's memory at a time. */
const CHUNK = 8192;

let loaded: Promise<SpeexResamplerModule> | undefined;

/** The thread's one instance of SpeexDSP. */
export const speexModule = (): Promise<SpeexResamplerModule> => {
  loaded ??= load();
  return loaded;
};

/**
 * Converts mono samples from one rate to another as they come; what comes out is as long in time as what went in.
 *
 * Costs about 1.5 ms of CPU a second of audio: not for the main thread when the audio may be long. Whoever opens one
 * ends or closes it, since its memory is outside the reach of the garbage collector.
 */
export class Resampler {
  readonly #speex: SpeexResamplerModule;
  readonly #state: number;
  readonly #memory: number;
  readonly #room: number;
  readonly #ratio: number;
  #read = 0;
  #written = 0;

  /** Rates are in hertz. */
  static async open(from: number, to = SAMPLE_RATE): Promise<Resampler> {
    return new Resampler(await speexModule(), from, to);
  }

  private constructor(speex: SpeexResamplerModule, from: number, to: number) {
    const state = speex._speex_resampler_init(1, from, to, QUALITY, 0);
    if (!state) throw new RangeError(`no conversion from ${from} to ${to} Hz`);
    // Without the filter's delay at the start.
    speex._speex_resampler_skip_zeros(state);
    this.#speex = speex;
    this.#state = state;
    this.#ratio = to / from;
    this.#room = Math.ceil(CHUNK * this.#ratio) + 64;
    this.#memory = speex._malloc(8 + 2 * CHUNK + 2 * this.#room);
  }

  /** Takes more samples and returns those that are ready. */
  push(samples: Int16Array): Int16Array {
    const parts: Int16Array[] = [];
    for (let at = 0; at < samples.length; ) {
      const { read, made } = this.#process(samples.subarray(at, at + CHUNK));
      at += read;
      parts.push(made);
    }
    this.#read += samples.length;
    return this.#count(join(parts));
  }

  /** Returns the rest, and closes. */
  end(): Int16Array {
    const parts: Int16Array[] = [];
    let missing = Math.round(this.#read * this.#ratio) - this.#written;
    // Silence after the last sample brings out what is still inside.
    const silence = new Int16Array(CHUNK);
    while (missing > 0) {
      const made = this.#process(silence).made.subarray(0, missing);
      missing -= made.length;
      parts.push(made);
    }
    this.close();
    return this.#count(join(parts));
  }

  close(): void {
    this.#speex._speex_resampler_destroy(this.#state);
    this.#speex._free(this.#memory);
  }

  #count(samples: Int16Array): Int16Array {
    this.#written += samples.length;
    return samples;
  }

  #process(chunk: Int16Array): { read: number; made: Int16Array } {
    const speex = this.#speex;
    const lengths = this.#memory;
    const source = lengths + 8;
    const target = source + 2 * CHUNK;
    speex.HEAP16.set(chunk, source / 2);
    speex.HEAPU32[lengths / 4] = chunk.length;
    speex.HEAPU32[lengths / 4 + 1] = this.#room;
    speex._speex_resampler_process_int(this.#state, 0, source, lengths, target, lengths + 4);
    const length = speex.HEAPU32[lengths / 4 + 1]!;
    return {
      read: speex.HEAPU32[lengths / 4]!,
      made: speex.HEAP16.slice(target / 2, target / 2 + length),
    };
  }
}

/** One array of several. */
export const join = (parts: readonly Int16Array[]): Int16Array => {
  if (parts.length === 1) return parts[0]!;
  const all = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
};

/** Converts all of a sound at once. */
export const resample = async (samples: Int16Array, from: number, to = SAMPLE_RATE): Promise<Int16Array> => {
  if (from === to) return samples;
  const resampler = await Resampler.open(from, to);
  return join([resampler.push(samples), resampler.end()]);
};
