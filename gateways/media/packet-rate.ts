/** A bound on packets per second: a bucket that holds one second's worth and refills evenly. */
export class PacketRate {
  readonly #perSecond: number;
  #left: number;
  #filledAt = 0;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#left = perSecond;
  }

  /** Whether one more packet may pass at `now` (milliseconds). */
  allow(now: number): boolean {
    const refill = ((now - this.#filledAt) * this.#perSecond) / 1000;
    this.#left = Math.min(this.#perSecond, this.#left + Math.max(0, refill));
    this.#filledAt = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
