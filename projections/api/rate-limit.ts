import { TandemError } from '@tandem/actors/errors/tandem-error.ts';

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

/** Lets so many tasks run at once, and refuses more. */
export class WorkLimit {
  readonly #limit: number;
  #running = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** @throws api.busy */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#limit) throw new TandemError('api.busy', { limit: this.#limit });
    this.#running += 1;
    try {
      return await task();
    } finally {
      this.#running -= 1;
    }
  }
}
