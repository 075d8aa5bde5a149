import { TandemError } from '@tandem/actors/errors';

/**
 * Lets each key have so many requests a second, and as many at once. Keys are few and known: accounts.
 */
export class RateLimit {
  readonly #perSecond: number;
  readonly #now: () => number;
  readonly #buckets = new Map<string, { left: number; at: number }>();

  /** @param now milliseconds */
  constructor(perSecond: number, now: () => number = performance.now.bind(performance)) {
    this.#perSecond = perSecond;
    this.#now = now;
  }

  /** @throws api.too-many-requests */
  take(key: string): void {
    const at = this.#now();
    const before = this.#buckets.get(key) ?? { left: this.#perSecond, at };
    const refilled = before.left + ((at - before.at) / 1000) * this.#perSecond;
    const left = Math.min(this.#perSecond, refilled) - 1;
    if (left < 0) throw new TandemError('api.too-many-requests', { perSecond: this.#perSecond });
    this.#buckets.set(key, { left, at });
  }
}
