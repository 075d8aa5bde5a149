/** Samples a second of all audio inside the platform. */
export const SAMPLE_RATE = 8_000;

/**
 * Power of one frequency (hertz) in the samples by Goertzel's algorithm: the mean square of that component, so a
 * sine of amplitude A gives A²/2 and no samples give 0.
 */
export const goertzel = (
  samples: Int16Array | Float64Array,
  frequency: number,
  rate = SAMPLE_RATE,
): number => {
  if (samples.length === 0) return 0;
  const coefficient = 2 * Math.cos((2 * Math.PI * frequency) / rate);
  let last = 0;
  let beforeLast = 0;
  for (let i = 0; i < samples.length; i++) {
    const state = samples[i]! + coefficient * last - beforeLast;
    beforeLast = last;
    last = state;
  }
  const square = last * last + beforeLast * beforeLast - coefficient * last * beforeLast;
  return (2 * Math.max(0, square)) / (samples.length * samples.length);
};

/** Mean square of the samples. */
export const meanSquare = (samples: Int16Array | Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += samples[i]! * samples[i]!;
  return samples.length === 0 ? 0 : sum / samples.length;
};

/** Amplitude whose sine has +3.17 dBm0: the virtual decision value above µ-law's loudest (ITU-T G.711, table 2a). */
const OVERLOAD = 32_636;
const OVERLOAD_LEVEL = 3.17;

/** Level in dBm0 of a mean square; silence is -Infinity. */
export const dBm0 = (power: number): number => 10 * Math.log10(power / (OVERLOAD ** 2 / 2)) + OVERLOAD_LEVEL;

/** Amplitude of a sine that has a level in dBm0. */
export const amplitudeOf = (level: number): number => OVERLOAD * 10 ** ((level - OVERLOAD_LEVEL) / 20);
