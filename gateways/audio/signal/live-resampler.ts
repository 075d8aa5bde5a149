import type { SpeexResamplerModule } from '@echogarden/speex-resampler-wasm';
import { speexModule } from './resample.ts';

/** SpeexDSP's scale of 0 to 10: 5 delays by 5 ms and passes 3.4 kHz of 4. */
const QUALITY = 5;
/** Samples that are converted at once, at the most: 120 ms at 16 kHz. */
const ROOM = 1920;

let module: SpeexResamplerModule | undefined;

/** Has live sound converted in this thread from now on. */
export const loadLiveResampler = async (): Promise<void> => {
  module = await speexModule();
};

/**
 * Converts sound between 8 and 16 kHz as it comes, packet by packet: what goes in comes out at once, half or twice as
 * many samples, 5 ms late. Needs `loadLiveResampler` once before. Whoever makes one closes it.
 */
export class LiveResampler {
  readonly from: number;
  readonly to: number;
  readonly #speex: SpeexResamplerModule;
  readonly #state: number;
  readonly #memory: number;

  constructor(from: number, to: number) {
    if (module === undefined) throw new Error('The resampler is not loaded in this thread.');
    this.from = from;
    this.to = to;
    this.#speex = module;
    this.#state = module._speex_resampler_init(1, from, to, QUALITY, 0);
    if (this.#state === 0) throw new RangeError(`no conversion from ${from} to ${to} Hz`);
    this.#memory = module._malloc(8 + 2 * ROOM + 4 * ROOM);
  }

  /** @param samples at most 120 ms at 16 kHz @returns samples of `out` that were made */
  push(samples: Int16Array, out: Int16Array): number {
    const speex = this.#speex;
    const lengths = this.#memory;
    const source = lengths + 8;
    const target = source + 2 * ROOM;
    speex.HEAP16.set(samples, source / 2);
    speex.HEAPU32[lengths / 4] = samples.length;
    speex.HEAPU32[lengths / 4 + 1] = 2 * ROOM;
    speex._speex_resampler_process_int(this.#state, 0, source, lengths, target, lengths + 4);
    const made = speex.HEAPU32[lengths / 4 + 1]!;
    out.set(speex.HEAP16.subarray(target / 2, target / 2 + made));
    return made;
  }

  close(): void {
    this.#speex._speex_resampler_destroy(this.#state);
    this.#speex._free(this.#memory);
  }
}
