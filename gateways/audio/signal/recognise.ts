import { networkTones, readCadence } from './cadences.ts';
import { dBm0, goertzel, meanSquare, SAMPLE_RATE } from './goertzel.ts';

export interface FoundFrequency {
  /** Hertz. */
  readonly frequency: number;
  /** dBm0. */
  readonly level: number;
}

/** Samples that are looked at: frequencies that are 20 Hz apart can be told apart in so many. */
const WINDOW = 2048;
/** Frequencies this much weaker than the strongest are not reported, in decibels. */
const DYNAMIC_RANGE = 20;
/** Tones have edges and speech has pauses: what is quieter than this is taken as silence, in dBm0. */
const SILENCE = -45;
/** Samples of a piece of a cadence (10 ms). */
const FRAME = 80;

/** The stretch of WINDOW samples with the most power in it, at frame steps. */
const loudest = (samples: Int16Array): Int16Array => {
  let best = samples.subarray(0, WINDOW);
  let most = meanSquare(best);
  for (let at = FRAME; at + WINDOW <= samples.length; at += FRAME) {
    const power = meanSquare(samples.subarray(at, at + WINDOW));
    if (power > most * 1.01) {
      most = power;
      best = samples.subarray(at, at + WINDOW);
    }
  }
  return best;
};

/**
 * The strongest frequencies in the loudest quarter of a second, strongest first; none in silence. For telling what is
 * heard: accurate to about 3 Hz for tones at least 25 Hz apart that last a quarter of a second.
 */
export const dominantFrequencies = (samples: Int16Array, count = 2): FoundFrequency[] => {
  const heard = loudest(samples);
  if (dBm0(meanSquare(heard)) < SILENCE) return [];
  const windowed = Float64Array.from(
    heard,
    (sample, i) => sample * (1 - Math.cos((2 * Math.PI * (i + 0.5)) / heard.length)),
  );
  const step = Math.min(SAMPLE_RATE / WINDOW / 2, SAMPLE_RATE / heard.length / 2);
  const power = Float64Array.from({ length: Math.floor(SAMPLE_RATE / 2 / step) }, (_, bin) =>
    goertzel(windowed, bin * step),
  );
  const peaks: FoundFrequency[] = [];
  for (let bin = 1; bin < power.length - 1; bin++) {
    if (power[bin]! > power[bin - 1]! && power[bin]! >= power[bin + 1]!) {
      peaks.push({ frequency: (bin + between(power, bin)) * step, level: dBm0(power[bin]!) });
    }
  }
  peaks.sort((a, b) => b.level - a.level);
  return peaks.filter((peak) => peak.level > peaks[0]!.level - DYNAMIC_RANGE).slice(0, count);
};

/** Where the top of a peak lies between bins: the vertex of a parabola through three levels. */
const between = (power: Float64Array, bin: number): number => {
  const [left, middle, right] = [bin - 1, bin, bin + 1].map((at) => Math.log(Math.max(power[at]!, 1e-9)));
  const curve = left! - 2 * middle! + right!;
  return curve === 0 ? 0 : (left! - right!) / (2 * curve);
};

/** Tone and silence in turn, in milliseconds, from the first tone that begins inside the samples. */
export const cadenceOf = (samples: Int16Array): number[] => {
  const runs: { on: boolean; frames: number }[] = [];
  for (let at = 0; at + FRAME <= samples.length; at += FRAME) {
    const on = dBm0(meanSquare(samples.subarray(at, at + FRAME))) > SILENCE;
    const run = runs.at(-1);
    if (run?.on === on) run.frames += 1;
    else runs.push({ on, frames: 1 });
  }
  const first = runs.findIndex((run, index) => run.on && index > 0);
  // The last run may have been cut off.
  return first < 0 ? [] : runs.slice(first, -1).map((run) => (run.frames * FRAME * 1000) / SAMPLE_RATE);
};

/**
 * Which call progress tone is heard, of one network: by its frequencies and by its cadence, of which at least one
 * whole round must be in the samples.
 */
export const recogniseTone = (
  samples: Int16Array,
  network = 'us',
): 'ringback' | 'busy' | 'congestion' | undefined => {
  const tones = networkTones[network];
  const heard = cadenceOf(samples);
  const found = dominantFrequencies(samples).map((peak) => peak.frequency);
  return (['ringback', 'busy', 'congestion'] as const).find((kind) => {
    const cadence = readCadence(tones![kind]);
    return (
      cadence.frequencies.every((wanted) => found.some((frequency) => Math.abs(frequency - wanted) < 8)) &&
      inTurn(heard, cadence.durations)
    );
  });
};

const inTurn = (heard: readonly number[], durations: readonly number[]): boolean => {
  if (heard.length < durations.length - 1) return false;
  // Listening may have begun at any tone of the cadence.
  return durations.some(
    (_, start) =>
      start % 2 === 0 &&
      heard.every((milliseconds, index) => {
        const wanted = durations[(start + index) % durations.length]!;
        return Math.abs(milliseconds - wanted) <= Math.max(25, wanted * 0.1);
      }),
  );
};
