import { amplitudeOf, SAMPLE_RATE } from '@tandem/gateways/audio/signal';

/** Level of the signal in dBm0, as of somebody who speaks up. */
const LEVEL = -16;
/** What a telephone carries, in Hz, less what codecs do to its edges. */
const LOWEST = 400;
const HIGHEST = 3200;
/** Length of the filter, in samples each way. */
const REACH = 48;

/**
 * A signal of which each 20 ms are unlike any other 20 ms: noise of the telephone's band, the same for the same
 * seed; mono at 8 kHz. Whoever hears a stretch of it can tell which one, to a sample.
 */
export function markedSignal(seconds: number, seed = 1): Int16Array {
  const length = Math.round(seconds * SAMPLE_RATE);
  const noise = whiteNoise(length + 2 * REACH, seed);
  const filter = bandPass();
  const filtered = new Float64Array(length);
  let power = 0;
  for (let at = 0; at < length; at++) {
    let sum = 0;
    for (let tap = 0; tap < filter.length; tap++) sum += filter[tap]! * noise[at + tap]!;
    filtered[at] = sum;
    power += sum * sum;
  }
  const gain = amplitudeOf(LEVEL) / Math.SQRT2 / Math.sqrt(power / length);
  return Int16Array.from(filtered, (sample) => Math.round(sample * gain));
}

/** Evenly spread from -1 to 1 (xorshift32 by Marsaglia). */
function whiteNoise(length: number, seed: number): Float64Array {
  let state = Math.imul(seed + 1, 0x9e3779b1) >>> 0 || 1;
  return Float64Array.from({ length }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 31 - 1;
  });
}

/** A windowed sinc (Hamming). */
function bandPass(): Float64Array {
  const sinc = (at: number, hertz: number): number =>
    at === 0
      ? (2 * hertz) / SAMPLE_RATE
      : Math.sin((2 * Math.PI * hertz * at) / SAMPLE_RATE) / (Math.PI * at);
  return Float64Array.from({ length: 2 * REACH + 1 }, (_, index) => {
    const at = index - REACH;
    const window = 0.54 + 0.46 * Math.cos((Math.PI * at) / REACH);
    return window * (sinc(at, HIGHEST) - sinc(at, LOWEST));
  });
}
