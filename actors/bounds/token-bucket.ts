/** How often something may happen. */
export interface Rate {
  /** How often at once, after a time of quiet. */
  readonly atOnce: number;
  /** How often in the long run. */
  readonly perSecond: number;
}

/** As often a second as at once. */
export const evenly = (perSecond: number): Rate => ({ atOnce: perSecond, perSecond });

/** A bound on how often something happens: a bucket of tokens that refills evenly, by a clock that is given. */
export class TokenBucket {
  readonly #rate: Rate;
  #left: number;
  /** Milliseconds. */
  #filledAt = 0;

  constructor(rate: Rate) {
    this.#rate = rate;
    this.#left = rate.atOnce;
  }

  /** Whether it may happen once more, at this time in milliseconds; then it has. A clock that goes back refills nothing. */
  take(now: number): boolean {
    const { atOnce, perSecond } = this.#rate;
    this.#left = Math.min(atOnce, this.#left + (Math.max(0, now - this.#filledAt) / 1000) * perSecond);
    this.#filledAt = now;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }

  /** Milliseconds from the last time that was asked for until it may happen again; 0 when it may. */
  get wait(): number {
    return Math.max(0, ((1 - this.#left) / this.#rate.perSecond) * 1000);
  }
}
