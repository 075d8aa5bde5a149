import type { Clock, Timer } from '../transport/index.ts';
import { backoff } from './timers.ts';
import type { StateTimers } from './transaction-timers.ts';

/** Who is told when a timer of a transaction's state rings. */
export interface TransactionTimerOwner {
  repeat(): void;
  limit(): void;
}

/** The two timers that a transaction has at most at any time: its retransmissions' and its state's. */
export class TransactionClock {
  readonly #clock: Clock;
  readonly #owner: TransactionTimerOwner;
  #repeat: Timer;
  #limit: Timer;
  #interval = 0;
  #intervalLimit = 0;

  constructor(clock: Clock, owner: TransactionTimerOwner) {
    this.#clock = clock;
    this.#owner = owner;
  }

  /** Starts a state's timers in place of the state's before. */
  enter(timers: StateTimers): void {
    this.#clearRepeat();
    if (timers.repeat !== undefined) {
      this.#interval = timers.repeat;
      this.#intervalLimit = timers.repeatLimit ?? timers.repeat;
      this.#repeat = this.#clock.set(this.#interval, TransactionClock.#onRepeat, this);
    }
    if (timers.keepsLimit) return;
    this.#clearLimit();
    if (timers.limit !== undefined)
      this.#limit = this.#clock.set(timers.limit, TransactionClock.#onLimit, this);
  }

  clear(): void {
    this.#clearRepeat();
    this.#clearLimit();
  }

  #clearRepeat(): void {
    if (this.#repeat !== undefined) this.#clock.clear(this.#repeat);
    this.#repeat = undefined;
  }

  #clearLimit(): void {
    if (this.#limit !== undefined) this.#clock.clear(this.#limit);
    this.#limit = undefined;
  }

  static #onRepeat(self: TransactionClock): void {
    self.#interval = backoff(self.#interval, self.#intervalLimit);
    self.#repeat = self.#clock.set(self.#interval, TransactionClock.#onRepeat, self);
    self.#owner.repeat();
  }

  static #onLimit(self: TransactionClock): void {
    self.#limit = undefined;
    self.#owner.limit();
  }
}
