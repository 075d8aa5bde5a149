import type { Clock, Timer } from '../transport/index.ts';
import { backoff, patience, type TimerValues } from './timers.ts';

/**
 * Sends a response again and again until the peer acknowledges it, at intervals that double from T1; gives up after
 * 64*T1. For what no transaction repeats: our 2xx to an INVITE, over every transport, because it may be lost behind
 * the first hop (RFC 3261, section 13.3.1.4), and reliable provisional responses (RFC 3262, section 3).
 */
export class Repeater {
  readonly #clock: Clock;
  readonly #patience: number;
  readonly #limit: number;
  readonly #send: () => void;
  readonly #givenUp: () => void;
  #interval: number;
  #waited = 0;
  #timer: Timer;

  /** The response has been sent once. `limit`: how far the interval may double, in ms. */
  constructor(clock: Clock, timers: TimerValues, limit: number, send: () => void, givenUp: () => void) {
    this.#clock = clock;
    this.#patience = patience(timers);
    this.#limit = limit;
    this.#send = send;
    this.#givenUp = givenUp;
    this.#interval = timers.t1;
    this.#timer = clock.set(this.#interval, Repeater.#onTimer, this);
  }

  stop(): void {
    this.#clock.clear(this.#timer);
  }

  static #onTimer(self: Repeater): void {
    self.#waited += self.#interval;
    if (self.#waited >= self.#patience) {
      self.#givenUp();
      return;
    }
    self.#send();
    self.#interval = Math.min(backoff(self.#interval, self.#limit), self.#patience - self.#waited);
    self.#timer = self.#clock.set(self.#interval, Repeater.#onTimer, self);
  }
}
