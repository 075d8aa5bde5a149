import { HIGH_GROUP, keyAt, LOW_GROUP } from './dtmf.ts';
import { amplitudeOf, SAMPLE_RATE } from './goertzel.ts';

/** Samples a block is analysed over (12.75 ms), and how far apart blocks begin. */
const BLOCK = 102;
const HOP = BLOCK / 3;

/** Each tone of a key must have at least this power: the mean square of a sine of -35 dBm0. */
const LEAST_POWER = amplitudeOf(-35) ** 2 / 2;
/** How much louder the high tone may be than the low one, and the low one than the high one (Q.24: 4 and 8 dB). */
const FORWARD_TWIST = 10 ** (6.5 / 10);
const REVERSE_TWIST = 10 ** (10 / 10);
/** Part of a block's power that lies in the two tones, so that speech does not pass. */
const LEAST_SHARE = 0.6;
/** Power of the two tones' harmonics against the tones': speech has harmonics, keys do not. */
const MOST_HARMONICS = 0.06;
/** A tone this far from its frequency, as a part of it, is another one (Q.24: 1.5 % accepted, 3.5 % refused). */
const TOLERANCE = 0.025;
/** Blocks of a key that make it one; with the overlap, 40 ms always have so many and 23 ms do not. */
const LEAST_BLOCKS = 6;
/** Blocks without the key that end it: an interruption of 10 ms does not, a pause of 40 ms does. */
const END_BLOCKS = 6;
/** Samples of the first and the last block that the key need not fill. */
const EDGES = Math.round(0.45 * BLOCK);

export interface DetectedDigit {
  readonly digit: string;
  /** Milliseconds, to within a block. */
  readonly duration: number;
}

/** One Goertzel filter: the complex amplitude of its frequency at the end of a block. */
class Filter {
  readonly frequency: number;
  readonly #cos: number;
  readonly #sin: number;
  re = 0;
  im = 0;
  power = 0;

  constructor(frequency: number) {
    this.frequency = frequency;
    const omega = (2 * Math.PI * frequency) / SAMPLE_RATE;
    this.#cos = Math.cos(omega);
    this.#sin = Math.sin(omega);
  }

  run(block: Float64Array): void {
    const coefficient = 2 * this.#cos;
    let last = 0;
    let beforeLast = 0;
    for (let i = 0; i < BLOCK; i++) {
      const state = block[i]! + coefficient * last - beforeLast;
      beforeLast = last;
      last = state;
    }
    this.re = last - beforeLast * this.#cos;
    this.im = beforeLast * this.#sin;
    this.power = (2 * (this.re * this.re + this.im * this.im)) / (BLOCK * BLOCK);
  }
}

/** Estimates a tone's frequency from how far its phase turns from block to block. */
class PhaseTrack {
  readonly #frequency: number;
  #re = 0;
  #im = 0;
  #lastRe = 0;
  #lastIm = 0;

  constructor(frequency: number) {
    this.#frequency = frequency;
  }

  /** Adds the next block; `joined` when it follows the last one that was added. */
  add(filter: Filter, joined: boolean): void {
    if (joined) {
      this.#re += filter.re * this.#lastRe + filter.im * this.#lastIm;
      this.#im += filter.im * this.#lastRe - filter.re * this.#lastIm;
    }
    this.#lastRe = filter.re;
    this.#lastIm = filter.im;
  }

  /** How far the tone is from its nominal frequency, as a part of it. */
  offset(): number {
    const turn = Math.atan2(this.#im, this.#re) - (2 * Math.PI * this.#frequency * HOP) / SAMPLE_RATE;
    const wrapped = turn - 2 * Math.PI * Math.round(turn / (2 * Math.PI));
    return (wrapped * SAMPLE_RATE) / (2 * Math.PI * HOP * this.#frequency);
  }
}

interface Candidate {
  readonly row: number;
  readonly column: number;
  readonly low: PhaseTrack;
  readonly high: PhaseTrack;
  blocks: number;
  /** Blocks from the first to the last one with the key. */
  span: number;
  /** Blocks since the last one with the key. */
  missed: number;
}

const strongest = (filters: readonly Filter[]): number => {
  let best = 0;
  for (let i = 1; i < filters.length; i++) if (filters[i]!.power > filters[best]!.power) best = i;
  return best;
};

/**
 * Detects DTMF keys in 8 kHz audio (ITU-T Q.23, Q.24). A key is reported once, when it has ended.
 *
 * Both tones must carry most of the block's power, be within the twist, near enough to their frequencies and free
 * of harmonics, for long enough.
 */
export class DtmfDetector {
  readonly #low = LOW_GROUP.map((frequency) => new Filter(frequency));
  readonly #high = HIGH_GROUP.map((frequency) => new Filter(frequency));
  readonly #thirdOfLow = LOW_GROUP.map((frequency) => new Filter(3 * frequency));
  readonly #secondOfHigh = HIGH_GROUP.map((frequency) => new Filter(2 * frequency));
  readonly #block = new Float64Array(BLOCK);
  #filled = 0;
  #candidate: Candidate | undefined;

  /** Takes the next samples, of any number, and returns the keys that ended in them. */
  push(samples: Int16Array): DetectedDigit[] {
    const digits: DetectedDigit[] = [];
    for (let i = 0; i < samples.length; i++) {
      this.#block[this.#filled++] = samples[i]!;
      if (this.#filled === BLOCK) {
        this.#analyse(digits);
        this.#block.copyWithin(0, HOP);
        this.#filled = BLOCK - HOP;
      }
    }
    return digits;
  }

  #analyse(digits: DetectedDigit[]): void {
    const key = this.#keyInBlock();
    const current = this.#candidate;
    if (current && key && key.row === current.row && key.column === current.column) {
      this.#extend(current);
      return;
    }
    if (current) {
      current.missed += 1;
      if (current.missed < END_BLOCKS && !(key && current.blocks < LEAST_BLOCKS)) return;
      this.#candidate = undefined;
      const digit = this.#accept(current);
      if (digit) digits.push(digit);
    }
    if (key) this.#begin(key.row, key.column);
  }

  #begin(row: number, column: number): void {
    const low = new PhaseTrack(LOW_GROUP[row]!);
    const high = new PhaseTrack(HIGH_GROUP[column]!);
    low.add(this.#low[row]!, false);
    high.add(this.#high[column]!, false);
    this.#candidate = { row, column, low, high, blocks: 1, span: 1, missed: 0 };
  }

  #extend(candidate: Candidate): void {
    const joined = candidate.missed === 0;
    candidate.low.add(this.#low[candidate.row]!, joined);
    candidate.high.add(this.#high[candidate.column]!, joined);
    candidate.blocks += 1;
    candidate.span += candidate.missed + 1;
    candidate.missed = 0;
  }

  #accept(candidate: Candidate): DetectedDigit | undefined {
    if (candidate.blocks < LEAST_BLOCKS) return undefined;
    if (Math.abs(candidate.low.offset()) > TOLERANCE) return undefined;
    if (Math.abs(candidate.high.offset()) > TOLERANCE) return undefined;
    const samples = (candidate.span - 1) * HOP + BLOCK - EDGES;
    const duration = Math.round((samples * 1000) / SAMPLE_RATE);
    return { digit: keyAt(candidate.row, candidate.column), duration };
  }

  #keyInBlock(): { row: number; column: number } | undefined {
    let sum = 0;
    for (let i = 0; i < BLOCK; i++) sum += this.#block[i]! * this.#block[i]!;
    const total = sum / BLOCK;
    if (total < 2 * LEAST_POWER) return undefined;

    for (const filter of this.#low) filter.run(this.#block);
    for (const filter of this.#high) filter.run(this.#block);
    const row = strongest(this.#low);
    const column = strongest(this.#high);
    const low = this.#low[row]!.power;
    const high = this.#high[column]!.power;
    if (low < LEAST_POWER || high < LEAST_POWER) return undefined;
    if (high > low * FORWARD_TWIST || low > high * REVERSE_TWIST) return undefined;
    if (low + high < LEAST_SHARE * total) return undefined;

    const third = this.#thirdOfLow[row]!;
    const second = this.#secondOfHigh[column]!;
    third.run(this.#block);
    second.run(this.#block);
    if (third.power + second.power > MOST_HARMONICS * (low + high)) return undefined;
    return { row, column };
  }
}
