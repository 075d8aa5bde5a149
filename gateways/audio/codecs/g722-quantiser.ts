/** 2^(i/32) in units of 1/2048: the fraction of a logarithmic scale factor (ITU-T G.722, table 15). */
const POWERS = Int32Array.from({ length: 32 }, (_, i) => Math.floor(2048 * 2 ** (i / 32) + 0.5));

/** What tells the two sub-bands' scale factors apart. */
export interface ScaleRange {
  /** The largest logarithm (log2 in units of 1/2048). */
  readonly most: number;
  /** Shifts the scale so that it fits the band. */
  readonly shift: number;
}

/** The quantiser's step, which grows with large differences and shrinks with small ones (section 3.5). */
export class ScaleFactor {
  /** The step (delta). */
  step: number;
  #logarithm = 0;
  readonly #range: ScaleRange;

  constructor(range: ScaleRange) {
    this.#range = range;
    this.step = this.#linear();
  }

  /** LOGSCL, SCALEL (LOGSCH, SCALEH): takes the multiplier of the code that was sent. */
  learn(multiplier: number): void {
    const logarithm = ((this.#logarithm * 127) >> 7) + multiplier;
    this.#logarithm = logarithm < 0 ? 0 : Math.min(logarithm, this.#range.most);
    this.step = this.#linear();
  }

  #linear(): number {
    const power = POWERS[(this.#logarithm >> 6) & 31]!;
    const shift = this.#range.shift - (this.#logarithm >> 11);
    return (shift < 0 ? power << -shift : power >> shift) << 2;
  }
}

export const LOWER_SCALE: ScaleRange = { most: 18_432, shift: 8 };
export const HIGHER_SCALE: ScaleRange = { most: 22_528, shift: 10 };
