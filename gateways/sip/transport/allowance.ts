/** How often something may happen. */
export interface Rate {
  /** How often at once, after a time of quiet. */
  readonly atOnce: number;
  /** How often in the long run. */
  readonly perSecond: number;
}

/** Counts what one peer may have its owner do (a token bucket), by a clock that is given. */
export class Allowance {
  readonly #rate: Rate;
  #left: number;
  /** ms */
  #at = 0;

  constructor(rate: Rate) {
    this.#rate = rate;
    this.#left = rate.atOnce;
  }

  /** Whether it may happen once more, at this time in ms; then it has. */
  take(now: number): boolean {
    const { atOnce, perSecond } = this.#rate;
    this.#left = Math.min(atOnce, this.#left + (Math.max(0, now - this.#at) / 1000) * perSecond);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
