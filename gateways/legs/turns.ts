import { setTimeout } from 'node:timers/promises';

/** Gives turns at intervals, in the order in which they are asked for, so that what many want to do is no burst. */
export class Turns {
  readonly #interval: number;
  readonly #now: () => number;
  #next = 0;

  /** @param interval milliseconds from one turn to the next */
  constructor(interval: number, now: () => number = () => performance.now()) {
    this.#interval = interval;
    this.#now = now;
  }

  /** How long who asks now has to wait, in milliseconds; the turn is then taken. */
  take(): number {
    const now = this.#now();
    const at = Math.max(now, this.#next);
    this.#next = at + this.#interval;
    return at - now;
  }

  /** Resolves when it is the turn of who asks now. Nothing waits for it when the process ends. */
  async mine(): Promise<void> {
    const delay = this.take();
    if (delay > 0) await setTimeout(delay, undefined, { ref: false });
  }
}
