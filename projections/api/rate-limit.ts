import { evenly, TokenBucket } from '@tandem/actors/bounds';
import { TandemError } from '@tandem/actors/errors';

/** Lets each key have so many requests a second, and as many at once. Keys are few and known: accounts. */
export class RateLimit {
  readonly #perSecond: number;
  readonly #now: () => number;
  readonly #buckets = new Map<string, TokenBucket>();

  /** @param now milliseconds */
  constructor(perSecond: number, now: () => number = performance.now.bind(performance)) {
    this.#perSecond = perSecond;
    this.#now = now;
  }

  /** @throws api.too-many-requests */
  take(key: string): void {
    const bucket = this.#buckets.get(key) ?? new TokenBucket(evenly(this.#perSecond));
    this.#buckets.set(key, bucket);
    if (!bucket.take(this.#now()))
      throw new TandemError('api.too-many-requests', { perSecond: this.#perSecond });
  }
}
