/** Packets that are sent at once to catch up after a stall; what lies further back is skipped. */
const MAX_CATCH_UP = 3;

/**
 * Says how many packets are due, by deadlines that do not drift: packet n is due at `start + n * interval`. Times are
 * milliseconds.
 */
export class Pacer {
  readonly interval: number;
  #next: number;

  constructor(interval: number, start: number) {
    this.interval = interval;
    this.#next = start;
  }

  /** Packets to send at `now`, 0 to 3, and intervals that were slept through. */
  due(now: number): { readonly packets: number; readonly skipped: number } {
    if (now < this.#next) return NOTHING;
    const passed = Math.floor((now - this.#next) / this.interval) + 1;
    this.#next += passed * this.interval;
    return passed === 1
      ? ONE
      : { packets: Math.min(passed, MAX_CATCH_UP), skipped: Math.max(0, passed - MAX_CATCH_UP) };
  }
}

// The two common answers, so that pacing makes no garbage.
const NOTHING = { packets: 0, skipped: 0 };
const ONE = { packets: 1, skipped: 0 };
