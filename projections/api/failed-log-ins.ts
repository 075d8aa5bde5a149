import { TandemError } from '@tandem/actors/errors';

/** Log-ins that may fail from one address at once, and how many more a second. */
const AT_ONCE = 10;
const PER_SECOND = 0.1;
/** Addresses that are remembered; the one that failed longest ago is forgotten first. */
const MOST_ADDRESSES = 10_000;
/** Milliseconds between two lines of the log. */
const SAY_EVERY = 60_000;

export interface FailedLogInsOptions {
  /** Hears once a minute of log-ins that failed, if there were any. */
  readonly say: (failed: { readonly times: number; readonly lastAddress: string }) => void;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

/**
 * Slows down who tries passwords: an address whose log-ins fail again and again is refused before they are looked at.
 * Others at that address are refused with it for as long; an account of theirs is not closed.
 */
export class FailedLogIns {
  readonly #say: FailedLogInsOptions['say'];
  readonly #now: () => number;
  readonly #left = new Map<string, { left: number; at: number }>();
  #times = 0;
  #said = Number.NEGATIVE_INFINITY;

  constructor({ say, now = () => performance.now() }: FailedLogInsOptions) {
    this.#say = say;
    this.#now = now;
  }

  /** @throws api.too-many-log-ins for an address that has failed too often */
  check(address: string): void {
    if (this.#leftFor(address) < 1) throw new TandemError('api.too-many-log-ins', {});
  }

  failed(address: string): void {
    const left = this.#leftFor(address) - 1;
    this.#left.delete(address);
    this.#left.set(address, { left: Math.max(0, left), at: this.#now() });
    if (this.#left.size > MOST_ADDRESSES) this.#left.delete(this.#left.keys().next().value!);
    this.#times += 1;
    if (this.#now() - this.#said < SAY_EVERY) return;
    this.#say({ times: this.#times, lastAddress: address });
    this.#times = 0;
    this.#said = this.#now();
  }

  #leftFor(address: string): number {
    const known = this.#left.get(address);
    if (known === undefined) return AT_ONCE;
    return Math.min(AT_ONCE, known.left + ((this.#now() - known.at) / 1000) * PER_SECOND);
  }
}
