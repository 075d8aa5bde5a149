/** How many transactions peers may make us hold. */
export interface TransactionLimits {
  /** From one address. */
  readonly perSource: number;
  readonly inAll: number;
  /** Seconds after which a refused peer is asked to try again. */
  readonly retryAfter: number;
}

/**
 * Over UDP a transaction is held for 32 s after its end. 2,000 calls a second from one carrier, of an INVITE and a BYE
 * each, are 128,000; a held one has about 1 KB.
 */
export const standardLimits: TransactionLimits = { perSource: 150_000, inAll: 300_000, retryAfter: 5 };

/** Counts the transactions that peers make us hold, by source. */
export class TransactionQuota {
  readonly #limits: TransactionLimits;
  readonly #held = new Map<string, number>();
  #all = 0;

  constructor(limits: TransactionLimits) {
    this.#limits = limits;
  }

  get retryAfter(): number {
    return this.#limits.retryAfter;
  }

  /** Takes a place for a transaction; false when there is none. */
  take(source: string): boolean {
    const held = this.#held.get(source) ?? 0;
    if (this.#all >= this.#limits.inAll || held >= this.#limits.perSource) return false;
    this.#held.set(source, held + 1);
    this.#all++;
    return true;
  }

  release(source: string): void {
    const held = this.#held.get(source);
    if (held === undefined) return;
    this.#all--;
    if (held === 1) this.#held.delete(source);
    else this.#held.set(source, held - 1);
  }
}
