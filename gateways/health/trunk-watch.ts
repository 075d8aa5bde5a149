/** A provider that is asked whether it is there. */
export interface WatchedTrunk {
  readonly name: string;
  /** SIP URI of the provider's address. */
  readonly uri: string;
  /** Milliseconds between two questions. */
  readonly every: number;
}

export interface TrunkWatchOptions {
  readonly trunks: readonly WatchedTrunk[];
  /** Sends OPTIONS; the status of the answer, 408 when none came, 503 when it could not be sent. */
  readonly ask: (uri: string, trunk: string) => Promise<number>;
  readonly lost: (trunk: string, code: string, message: string) => void;
  readonly found: (trunk: string) => void;
}

/** Questions in a row that have to go wrong before a provider counts as lost: one packet may get lost. */
const MISSES = 2;

/** Nothing came, or the provider takes no calls; every other answer shows that it is there. */
const MISSED: ReadonlySet<number> = new Set([408, 503]);

/** Asks providers from time to time whether they take calls (RFC 3261, section 11). */
export class TrunkWatch {
  readonly #options: TrunkWatchOptions;
  readonly #timers: NodeJS.Timeout[];
  #closed = false;

  constructor(options: TrunkWatchOptions) {
    this.#options = options;
    this.#timers = options.trunks.map((trunk) => {
      const state = { misses: 0, asking: false };
      return setInterval(() => this.#ask(trunk, state), trunk.every);
    });
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers) clearInterval(timer);
  }

  #ask({ name, uri }: WatchedTrunk, state: { misses: number; asking: boolean }): void {
    // An answer that takes longer than the time between two questions is waited for.
    if (state.asking) return;
    state.asking = true;
    this.#options
      .ask(uri, name)
      .catch(() => 503)
      .then((status) => {
        state.asking = false;
        if (this.#closed) return;
        if (!MISSED.has(status)) {
          state.misses = 0;
          this.#options.found(name);
          return;
        }
        state.misses += 1;
        if (state.misses !== MISSES) return;
        const what = status === 408 ? 'did not answer' : 'takes no calls';
        this.#options.lost(
          name,
          `sip.${status}`,
          `${uri} ${what} when it was asked ${MISSES} times in a row`,
        );
      });
  }
}
