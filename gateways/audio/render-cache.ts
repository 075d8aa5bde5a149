export interface RenderCacheOptions {
  /** Bytes of samples that are kept; the longest unused go first. */
  readonly bytes: number;
  /** Milliseconds since any fixed moment. */
  readonly now?: () => number;
}

interface Entry {
  readonly samples: Int16Array;
  /** When it may not be used any more. */
  readonly until: number;
}

/**
 * Keeps rendered audio by key. Those who ask for the same at the same time wait for one and the same making; a making
 * that fails is not kept.
 */
export class RenderCache {
  readonly #limit: number;
  readonly #now: () => number;
  /** In the order of their last use. */
  readonly #entries = new Map<string, Entry>();
  readonly #making = new Map<string, Promise<Int16Array>>();
  #bytes = 0;

  constructor({ bytes, now = () => performance.now() }: RenderCacheOptions) {
    this.#limit = bytes;
    this.#now = now;
  }

  /** Bytes of samples that are kept now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What is kept under the key, else what `make` gives, kept for so many milliseconds. */
  get(key: string, lifetime: number, make: () => Promise<Int16Array>): Promise<Int16Array> {
    const kept = this.#entries.get(key);
    if (kept && kept.until > this.#now()) {
      this.#entries.delete(key);
      this.#entries.set(key, kept);
      return Promise.resolve(kept.samples);
    }
    const making = this.#making.get(key) ?? this.#make(key, lifetime, make);
    this.#making.set(key, making);
    return making;
  }

  async #make(key: string, lifetime: number, make: () => Promise<Int16Array>): Promise<Int16Array> {
    try {
      const samples = await make();
      this.#keep(key, { samples, until: this.#now() + lifetime });
      return samples;
    } finally {
      this.#making.delete(key);
    }
  }

  #keep(key: string, entry: Entry): void {
    this.#forget(key);
    if (entry.samples.byteLength > this.#limit) return;
    this.#entries.set(key, entry);
    this.#bytes += entry.samples.byteLength;
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#limit) return;
      this.#forget(oldest);
    }
  }

  #forget(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    this.#bytes -= entry.samples.byteLength;
  }
}
