import { MAX_FAILED_TARGETS } from '../message/index.ts';
import type { Flow } from '../transport/index.ts';

/** Milliseconds for which a target that failed is put last: two of its calls in five minutes wait in vain. */
const PUT_LAST_MS = 300_000;

const keyOf = ({ transport, remoteAddress, remotePort }: Flow): string =>
  `${transport} ${remoteAddress} ${remotePort}`;

/** Remembers which targets have failed lately, so that requests are sent to others first (RFC 3263, section 4.3). */
export class FailedTargets {
  readonly #now: () => number;
  /** When each is to be tried again, in milliseconds, the first in front. */
  readonly #until = new Map<string, number>();

  /** @param now milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  add(flow: Flow): void {
    const key = keyOf(flow);
    this.#until.delete(key);
    if (this.#until.size >= MAX_FAILED_TARGETS) this.#until.delete(this.#until.keys().next().value!);
    this.#until.set(key, this.#now() + PUT_LAST_MS);
  }

  has(flow: Flow): boolean {
    if (this.#until.size === 0) return false;
    const until = this.#until.get(keyOf(flow));
    return until !== undefined && until > this.#now();
  }

  /** The same flows, those last that have failed. */
  order(flows: readonly Flow[]): readonly Flow[] {
    if (this.#until.size === 0 || flows.length < 2) return flows;
    const failed = flows.filter((flow) => this.has(flow));
    return failed.length === 0 ? flows : [...flows.filter((flow) => !failed.includes(flow)), ...failed];
  }
}
