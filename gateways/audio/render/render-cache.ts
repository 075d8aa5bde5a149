import { Rendering } from './rendering.ts';

export interface RenderCacheOptions {
  /** Bytes of samples that are kept; the longest unused go first. */
  readonly bytes: number;
  /** Bytes up to which a sound is kept while it is made; one that gets longer is only passed on. As `bytes` unless given. */
  readonly longest?: number;
  /** Milliseconds since any fixed moment. */
  readonly now?: () => number;
}

export interface Making {
  /** Milliseconds for which it is kept once it is complete. */
  readonly lifetime: number;
  /** Makes the sound, part by part; `signal` says that nobody wants it any more. */
  readonly make: (signal: AbortSignal) => AsyncIterable<Int16Array>;
  /** So many bytes more, or fewer, are held meanwhile. @throws when that is too much */
  readonly hold?: (bytes: number) => void;
}

interface Entry {
  readonly parts: readonly Int16Array[];
  readonly bytes: number;
  /** When it may not be used any more. */
  readonly until: number;
}

/**
 * Keeps rendered audio by key. Those who ask for the same while it is made share one making, as long as its beginning
 * is still there; a making that fails is not kept.
 */
export class RenderCache {
  readonly #limit: number;
  readonly #longest: number;
  readonly #now: () => number;
  /** In the order of their last use. */
  readonly #entries = new Map<string, Entry>();
  readonly #making = new Map<string, Rendering>();
  #bytes = 0;

  constructor({ bytes, longest = bytes, now = () => performance.now() }: RenderCacheOptions) {
    this.#limit = bytes;
    this.#longest = Math.min(longest, bytes);
    this.#now = now;
  }

  /** Bytes of samples that are kept now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What is kept under the key, else what is made, each part when it is asked for. */
  read(key: string, { lifetime, make, hold = () => {} }: Making): AsyncIterable<Int16Array> {
    const kept = this.#entries.get(key);
    if (kept && kept.until > this.#now()) {
      this.#entries.delete(key);
      this.#entries.set(key, kept);
      return all(kept.parts);
    }
    const known = this.#making.get(key);
    if (known !== undefined) return known.read();
    const rendering = new Rendering({
      make,
      hold,
      keep: this.#longest,
      onClosed: () => this.#making.delete(key),
      onComplete: (parts) => this.#keep(key, parts, lifetime),
    });
    this.#making.set(key, rendering);
    return rendering.read();
  }

  #keep(key: string, parts: readonly Int16Array[], lifetime: number): void {
    this.#forget(key);
    const bytes = parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
    this.#entries.set(key, { parts, bytes, until: this.#now() + lifetime });
    this.#bytes += bytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#limit) return;
      this.#forget(oldest);
    }
  }

  #forget(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
  }
}

async function* all(parts: readonly Int16Array[]): AsyncGenerator<Int16Array, void> {
  yield* parts;
}
