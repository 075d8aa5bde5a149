/** Sixteen bits and no more: the Recommendation's arithmetic stops at its ends. */
export const saturate = (value: number): number => (value > 32_767 ? 32_767 : Math.max(value, -32_768));

/**
 * Predicts the next sample of a sub-band from the last ones: two poles and six zeros, whose coefficients follow the
 * signs of what was predicted wrongly (ITU-T G.722, section 3.6; names of its blocks in capital letters).
 */
export class Predictor {
  /** What the next sample is expected to be (s). */
  next = 0;
  /** The zeros' part of it (sz). */
  #zeros = 0;
  #a1 = 0;
  #a2 = 0;
  readonly #b = new Int32Array(6);
  /** The last quantised differences, the newest first. */
  readonly #d = new Int32Array(6);
  #r1 = 0;
  /** Signs of the last partially reconstructed samples: -1 below zero, else 0. */
  #sign1 = 0;
  #sign2 = 0;

  /** Learns how far the sample was from what was expected, as the quantiser says it. */
  learn(difference: number): void {
    // RECONS, PARREC
    const r0 = saturate(this.next + difference);
    const sign0 = saturate(this.#zeros + difference) >> 31;
    this.#learnPoles(sign0);
    const zeros = this.#learnZeros(difference);
    // FILTEP, FILTEZ, PREDIC
    const poles = saturate(
      ((this.#a1 * saturate(2 * r0)) >> 15) + ((this.#a2 * saturate(2 * this.#r1)) >> 15),
    );
    this.#r1 = r0;
    this.#sign2 = this.#sign1;
    this.#sign1 = sign0;
    this.#zeros = zeros;
    this.next = saturate(poles + zeros);
  }

  /** UPPOL2, UPPOL1 */
  #learnPoles(sign0: number): void {
    const same1 = sign0 === this.#sign1;
    const turned = saturate(4 * this.#a1);
    const step2 = (saturate(same1 ? -turned : turned) >> 7) + (sign0 === this.#sign2 ? 128 : -128);
    const a2 = Math.max(-12_288, Math.min(12_288, step2 + ((this.#a2 * 32_512) >> 15)));
    const a1 = saturate((same1 ? 192 : -192) + ((this.#a1 * 32_640) >> 15));
    const limit = saturate(15_360 - a2);
    this.#a2 = a2;
    this.#a1 = a1 > limit ? limit : Math.max(a1, -limit);
  }

  /** UPZERO, DELAYA, FILTEZ; @returns the zeros' part of the next prediction */
  #learnZeros(difference: number): number {
    const b = this.#b;
    const d = this.#d;
    const sign = difference >> 31;
    const step = difference === 0 ? 0 : 128;
    let sum = 0;
    for (let i = 5; i >= 0; i--) {
      const towards = d[i]! >> 31 === sign ? step : -step;
      b[i] = saturate(towards + ((b[i]! * 32_640) >> 15));
      d[i] = i === 0 ? difference : d[i - 1]!;
      sum += (b[i]! * saturate(2 * d[i]!)) >> 15;
    }
    return saturate(sum);
  }
}
