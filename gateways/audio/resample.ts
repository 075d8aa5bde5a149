import load, { type SpeexResamplerModule } from '@echogarden/speex-resampler-wasm';
import { SAMPLE_RATE } from './goertzel.ts';

/** SpeexDSP's scale of 0 to 10; above 7 the passband hardly gets wider. */
const QUALITY = 7;
/** Samples that go into the module's memory at a time. */
const CHUNK = 8192;

let loaded: Promise<SpeexResamplerModule> | undefined;

/**
 * Converts mono samples from one rate (hertz) to another, ours unless said otherwise; as long in time as before.
 *
 * Costs about a millisecond of CPU a second of audio: not for the main thread when the audio may be long.
 */
export const resample = async (samples: Int16Array, from: number, to = SAMPLE_RATE): Promise<Int16Array> => {
  if (from === to) return samples;
  loaded ??= load();
  return convert(await loaded, samples, from, to);
};

const convert = (speex: SpeexResamplerModule, samples: Int16Array, from: number, to: number): Int16Array => {
  const output = new Int16Array(Math.round((samples.length * to) / from));
  const room = Math.ceil((CHUNK * to) / from) + 64;
  const lengths = speex._malloc(8);
  const source = speex._malloc(CHUNK * 2);
  const target = speex._malloc(room * 2);
  const state = speex._speex_resampler_init(1, from, to, QUALITY, 0);
  if (!state) throw new RangeError(`no conversion from ${from} to ${to} Hz`);
  try {
    // Without the filter's delay at the start; silence after the last sample brings out what is still inside.
    speex._speex_resampler_skip_zeros(state);
    let read = 0;
    let written = 0;
    while (written < output.length) {
      const chunk = samples.subarray(read, read + CHUNK);
      speex.HEAP16.fill(0, source / 2, source / 2 + CHUNK);
      speex.HEAP16.set(chunk, source / 2);
      speex.HEAPU32[lengths / 4] = CHUNK;
      speex.HEAPU32[lengths / 4 + 1] = room;
      speex._speex_resampler_process_int(state, 0, source, lengths, target, lengths + 4);
      const made = Math.min(speex.HEAPU32[lengths / 4 + 1]!, output.length - written);
      output.set(speex.HEAP16.subarray(target / 2, target / 2 + made), written);
      read += speex.HEAPU32[lengths / 4]!;
      written += made;
    }
    return output;
  } finally {
    speex._speex_resampler_destroy(state);
    for (const pointer of [lengths, source, target]) speex._free(pointer);
  }
};
