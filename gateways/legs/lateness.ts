/** Milliseconds from one tick to the next, and for how long a late one is remembered. */
const TICK = 20;
const REMEMBERED = 200;

/** Milliseconds on a clock that never goes back. */
type Clock = () => number;

/** Measures how late this process does what is due. Whoever made one closes it. */
export class Lateness {
  readonly #now: Clock;
  readonly #timer: NodeJS.Timeout;
  #expected: number;
  #worst = { late: 0, at: Number.NEGATIVE_INFINITY };

  constructor(now: Clock = () => performance.now()) {
    this.#now = now;
    this.#expected = now() + TICK;
    this.#timer = setInterval(() => this.#tick(), TICK);
    this.#timer.unref();
  }

  /** Milliseconds: of the tick that is due, or of the latest one of late. */
  get milliseconds(): number {
    const now = this.#now();
    const overdue = Math.max(0, now - this.#expected);
    return now - this.#worst.at < REMEMBERED ? Math.max(overdue, this.#worst.late) : overdue;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const now = this.#now();
    const late = Math.max(0, now - this.#expected);
    if (late > this.#worst.late || now - this.#worst.at >= REMEMBERED) this.#worst = { late, at: now };
    this.#expected = now + TICK;
  }
}
