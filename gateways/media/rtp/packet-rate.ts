/** A bound on how many may come per second: a bucket that refills evenly. */
export class PacketRate {
  readonly #perSecond: number;
  readonly #most: number;
  #left: number;
  #filledAt = 0;

  /** @param most that it holds: one second's worth unless given */
  constructor(perSecond: number, most = perSecond) {
    this.#perSecond = perSecond;
    this.#most = most;
    this.#left = most;
  }

  /** Whether one more may pass at `now` (milliseconds). */
  allow(now: number): boolean {
    const refill = ((now - this.#filledAt) * this.#perSecond) / 1000;
    this.#left = Math.min(this.#most, this.#left + Math.max(0, refill));
    this.#filledAt = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
