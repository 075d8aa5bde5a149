import { TandemError } from '@tandem/actors/errors';
import { type Cadence, networkTones, readCadence } from './cadences.ts';
import { frequenciesOf } from './dtmf.ts';
import { amplitudeOf, SAMPLE_RATE } from './goertzel.ts';

export interface Tone {
  /** When the tone loops, one round of its cadence. */
  readonly samples: Int16Array;
  /** Whether it goes on until stopped. */
  readonly loop: boolean;
}

/** Level of all of a call progress tone's frequencies together, in dBm0 (E.180: -10 ± 5). */
const PROGRESS_LEVEL = -12;
/** Levels of a key's low and high tone, in dBm0. */
const DTMF_LOW_LEVEL = -9;
const DTMF_HIGH_LEVEL = -7;
/** Milliseconds. */
const DTMF_ON = 100;
const DTMF_OFF = 100;
const BEEP: Cadence = { frequencies: [1000], durations: [500] };
/** Milliseconds over which a tone comes and goes, so that it does not click. */
const RAMP = 2;

const samplesIn = (milliseconds: number, sampleRate: number): number =>
  Math.round((milliseconds * sampleRate) / 1000);

interface Partial {
  readonly frequency: number;
  /** dBm0. */
  readonly level: number;
}

/** A sum of sines with soft edges; `modulation` swings its level between nothing and all so often a second. */
const sines = (
  partials: readonly Partial[],
  length: number,
  sampleRate: number,
  modulation?: number,
): Int16Array => {
  const ramp = samplesIn(RAMP, sampleRate);
  const samples = new Int16Array(length);
  const waves = partials.map((partial) => ({
    step: (2 * Math.PI * partial.frequency) / sampleRate,
    amplitude: amplitudeOf(partial.level),
  }));
  for (let i = 0; i < length; i++) {
    let sum = 0;
    for (const wave of waves) sum += wave.amplitude * Math.sin(wave.step * i);
    if (modulation) sum *= (1 - Math.cos((2 * Math.PI * modulation * i) / sampleRate)) / 2;
    const edge = Math.min(1, (i + 1) / ramp, (length - i) / ramp);
    samples[i] = Math.round(sum * edge);
  }
  return samples;
};

const progressTone = ({ frequencies, modulation, durations }: Cadence, sampleRate: number): Int16Array => {
  const level = PROGRESS_LEVEL - 10 * Math.log10(frequencies.length);
  const partials = frequencies.map((frequency) => ({ frequency, level }));
  const lengths = durations.map((duration) => samplesIn(duration, sampleRate));
  const samples = new Int16Array(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (const [index, length] of lengths.entries()) {
    if (index % 2 === 0) samples.set(sines(partials, length, sampleRate, modulation), at);
    at += length;
  }
  return samples;
};

/** A DTMF key (0-9, *, #, A-D) and the pause after it, in milliseconds. @throws media.unknown-tone */
export const dtmfKey = (
  key: string,
  on = DTMF_ON,
  off = DTMF_OFF,
  sampleRate: number = SAMPLE_RATE,
): Int16Array => {
  const frequencies = frequenciesOf(key);
  if (!frequencies) throw new TandemError('media.unknown-tone', { name: `dtmf-${key}` });
  const partials = [
    { frequency: frequencies[0], level: DTMF_LOW_LEVEL },
    { frequency: frequencies[1], level: DTMF_HIGH_LEVEL },
  ];
  const length = samplesIn(on, sampleRate);
  const samples = new Int16Array(length + samplesIn(off, sampleRate));
  samples.set(sines(partials, length, sampleRate));
  return samples;
};

const KINDS = ['ringback', 'busy', 'congestion'] as const;

const networkTone = (name: string): string | undefined => {
  const kind = KINDS.find((known) => name === known || name.startsWith(`${known}-`));
  if (!kind) return undefined;
  const country = name === kind ? 'us' : name.slice(kind.length + 1);
  return Object.hasOwn(networkTones, country) ? networkTones[country]![kind] : undefined;
};

/** By rate and name. */
const made = new Map<string, Tone>();

/**
 * A tone by name: `ringback`, `busy` and `congestion` (of the US, or of another network: `ringback-uk`), `beep`, and
 * `dtmf-5` for keys. The same name gives the same samples again; they are not to be changed.
 *
 * @param sampleRate hertz
 * @throws media.unknown-tone
 */
export const tone = (name: string, sampleRate: number = SAMPLE_RATE): Tone => {
  const key = `${sampleRate} ${name}`;
  const known = made.get(key);
  if (known) return known;
  const tone = makeTone(name, sampleRate);
  made.set(key, tone);
  return tone;
};

const makeTone = (name: string, sampleRate: number): Tone => {
  if (name === 'beep') return { samples: progressTone(BEEP, sampleRate), loop: false };
  if (name.startsWith('dtmf-'))
    return { samples: dtmfKey(name.slice(5), DTMF_ON, DTMF_OFF, sampleRate), loop: false };
  const notation = networkTone(name);
  if (notation === undefined) throw new TandemError('media.unknown-tone', { name });
  return { samples: progressTone(readCadence(notation), sampleRate), loop: true };
};
