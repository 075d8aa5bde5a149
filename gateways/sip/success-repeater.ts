import type { Flow } from './flow.ts';
import type { SipResponse } from './message.ts';
import type { SessionHost } from './session-host.ts';
import { backoff, patience, type Timer } from './timers.ts';

/**
 * Repeats our 2xx to an INVITE until its ACK comes (RFC 3261, section 13.3.1.4): over every transport, because the
 * response may be lost behind the first hop.
 */
export class SuccessRepeater {
  /** CSeq number of the INVITE, which its ACK has too. */
  readonly sequence: number;
  readonly #host: SessionHost;
  readonly #response: SipResponse;
  readonly #flow: Flow;
  readonly #givenUp: () => void;
  #interval: number;
  #waited = 0;
  #timer: Timer;

  /** The first copy has been sent by the transaction. */
  constructor(host: SessionHost, sequence: number, response: SipResponse, flow: Flow, givenUp: () => void) {
    this.#host = host;
    this.sequence = sequence;
    this.#response = response;
    this.#flow = flow;
    this.#givenUp = givenUp;
    this.#interval = host.timers.t1;
    this.#wait();
  }

  stop(): void {
    this.#host.clock.clear(this.#timer);
  }

  #wait(): void {
    this.#timer = this.#host.clock.set(this.#interval, SuccessRepeater.#onTimer, this);
  }

  static #onTimer(self: SuccessRepeater): void {
    self.#waited += self.#interval;
    if (self.#waited >= patience(self.#host.timers)) {
      self.#givenUp();
      return;
    }
    self.#host.transactions.send(self.#response, self.#flow);
    const left = patience(self.#host.timers) - self.#waited;
    self.#interval = Math.min(backoff(self.#interval, self.#host.timers.t2), left);
    self.#wait();
  }
}
