import { Predictor, saturate } from './g722-predictor.ts';
import { HIGHER_SCALE, LOWER_SCALE, ScaleFactor } from './g722-quantiser.ts';

// The numbers of ITU-T G.722's tables, of section 6.2: by code, as it is sent.

/** Decision levels of the lower band's quantiser, in units of 2^-12 of its step (table 14). */
const LOWER_LEVELS = Int32Array.of(
  35,
  72,
  110,
  150,
  190,
  233,
  276,
  323,
  370,
  422,
  473,
  530,
  587,
  650,
  714,
  786,
  858,
  940,
  1023,
  1121,
  1219,
  1339,
  1458,
  1612,
  1765,
  1980,
  2195,
  2557,
  2919,
);
/** Codes of the intervals between them: below zero from 63 and 62 on, from 61 above. */
const LOWER_NEGATIVE = Uint8Array.from({ length: 30 }, (_, interval) =>
  interval < 2 ? 63 - interval : 33 - interval,
);
const LOWER_POSITIVE = Uint8Array.from({ length: 30 }, (_, interval) => 61 - interval);

/** Values of all six bits, in units of 2^-15 of the step, for those that listen. */
const MAGNITUDES_6 = [
  24_808, 21_904, 19_008, 16_704, 14_984, 13_512, 12_280, 11_192, 10_232, 9360, 8576, 7856, 7192, 6576, 6000,
  5456, 4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728,
];
const LOWER_6 = Int32Array.of(
  -136,
  -136,
  -136,
  -136,
  ...MAGNITUDES_6.map((value) => -value),
  ...MAGNITUDES_6,
  432,
  136,
  -432,
  -136,
);
/** Values of the first four bits, which both ends predict with. */
const MAGNITUDES_4 = [20_456, 12_896, 8968, 6288, 4240, 2584, 1200];
const LOWER_4 = Int32Array.of(0, ...MAGNITUDES_4.map((value) => -value), ...MAGNITUDES_4, 0);
/** How the lower scale moves after the first four bits of a code. */
const MULTIPLIERS = [3042, 1198, 538, 334, 172, 58, -30];
const LOWER_MULTIPLIERS = Int32Array.of(-60, ...MULTIPLIERS, ...MULTIPLIERS, -60);

/** The higher band has two bits: a large or a small difference, below zero or above. */
const HIGHER_LEVEL = 564;
const HIGHER_2 = Int32Array.of(-7408, -1616, 7408, 1616);
const HIGHER_MULTIPLIERS = Int32Array.of(798, -214, 798, -214);

/** What is decoded has 15 bits in each band. */
const limit = (value: number): number => (value > 16_383 ? 16_383 : Math.max(value, -16_384));

/** Zero up to 4 kHz: six bits a sample, at 8 kHz. */
export class LowerBand {
  readonly #predictor = new Predictor();
  readonly #scale = new ScaleFactor(LOWER_SCALE);

  encode(sample: number): number {
    const error = saturate(sample - this.#predictor.next);
    const magnitude = error < 0 ? ~error : error;
    const { step } = this.#scale;
    let interval = 0;
    while (interval < 29 && magnitude >= (LOWER_LEVELS[interval]! * step) >> 12) interval++;
    const code = error < 0 ? LOWER_NEGATIVE[interval]! : LOWER_POSITIVE[interval]!;
    this.#learn(code);
    return code;
  }

  decode(code: number): number {
    const sample = limit(this.#predictor.next + ((this.#scale.step * LOWER_6[code]!) >> 15));
    this.#learn(code);
    return sample;
  }

  #learn(code: number): void {
    const coarse = code >> 2;
    const difference = (this.#scale.step * LOWER_4[coarse]!) >> 15;
    this.#scale.learn(LOWER_MULTIPLIERS[coarse]!);
    this.#predictor.learn(difference);
  }
}

/** From 4 kHz up to 8: two bits a sample, at 8 kHz. */
export class HigherBand {
  readonly #predictor = new Predictor();
  readonly #scale = new ScaleFactor(HIGHER_SCALE);

  encode(sample: number): number {
    const error = saturate(sample - this.#predictor.next);
    const magnitude = error < 0 ? ~error : error;
    const small = magnitude < (HIGHER_LEVEL * this.#scale.step) >> 12 ? 1 : 0;
    const code = (error < 0 ? 0 : 2) + small;
    this.#learn(code);
    return code;
  }

  decode(code: number): number {
    const expected = this.#predictor.next;
    return limit(expected + this.#learn(code));
  }

  #learn(code: number): number {
    const difference = (this.#scale.step * HIGHER_2[code]!) >> 15;
    this.#scale.learn(HIGHER_MULTIPLIERS[code]!);
    this.#predictor.learn(difference);
    return difference;
  }
}
