import { MAX_GUESSING_PEERS, MAX_WRONG_CREDENTIALS, WRONG_CREDENTIALS_MS } from '../message/index.ts';

/** What one address has had wrong, and when the first of that was. */
interface Guesses {
  readonly since: number;
  readonly count: number;
}

/** How often peers may have their credentials wrong: so few that no password is found by trying. */
export class GuessLimit {
  /** In the order of their first guess. */
  readonly #guesses = new Map<string, Guesses>();

  /** Milliseconds until an address may answer a challenge again; 0 when it may now. */
  waits(address: string, now: number): number {
    const guesses = this.#guesses.get(address);
    if (guesses === undefined || guesses.count < MAX_WRONG_CREDENTIALS) return 0;
    return Math.max(0, guesses.since + WRONG_CREDENTIALS_MS - now);
  }

  /** An address had its credentials wrong. */
  wrong(address: string, now: number): void {
    const before = this.#guesses.get(address);
    if (before !== undefined && now < before.since + WRONG_CREDENTIALS_MS) {
      this.#guesses.set(address, { since: before.since, count: before.count + 1 });
      return;
    }
    this.#guesses.delete(address);
    this.#guesses.set(address, { since: now, count: 1 });
    if (this.#guesses.size > MAX_GUESSING_PEERS) this.#guesses.delete(this.#guesses.keys().next().value!);
  }
}
