/** Longest delay of a Node timer; a later deadline is looked at again then. */
const LONGEST_DELAY = 2 ** 31 - 1;

interface Armed {
  /** On the wall clock, as the stream has it. */
  readonly deadline: number;
  timer: NodeJS.Timeout;
}

/**
 * The armed deadlines of all actors of a process, also of those that are put away. A stream says its deadlines by the
 * wall clock, since another process may have to keep them; how long it is until then is looked up once, when a deadline
 * is armed, and counted down by a clock that never goes back: who sets the wall clock back makes no pause longer. It owns
 * its timers; `close` clears them.
 */
export class TimerTable {
  readonly #armed = new Map<string, Map<string, Armed>>();
  readonly #ring: (stream: string, timer: string) => void;
  readonly #now: () => number;
  readonly #elapsed: () => number;
  #closed = false;

  /**
   * @param now milliseconds of the wall clock
   * @param elapsed milliseconds of a clock that never goes back
   */
  constructor(
    ring: (stream: string, timer: string) => void,
    now: () => number,
    elapsed: () => number = () => performance.now(),
  ) {
    this.#ring = ring;
    this.#now = now;
    this.#elapsed = elapsed;
  }

  /** Makes the armed timers of a stream those of its state; those that are unchanged run on. */
  set(stream: string, timers: Readonly<Record<string, number>>): void {
    // What was under way when the process began to stop may still change a state; the next start arms its timers.
    if (this.#closed) return;
    const armed = this.#armed.get(stream);
    if (armed)
      for (const [name, { deadline, timer }] of armed)
        if (timers[name] !== deadline) {
          clearTimeout(timer);
          armed.delete(name);
        }
    for (const name in timers)
      if (!this.#armed.get(stream)?.has(name)) this.#arm(stream, name, timers[name]!);
    if (armed?.size === 0) this.#armed.delete(stream);
  }

  close(): void {
    this.#closed = true;
    for (const timers of this.#armed.values()) for (const { timer } of timers.values()) clearTimeout(timer);
    this.#armed.clear();
  }

  #arm(stream: string, name: string, deadline: number): void {
    const timers = this.#armed.get(stream) ?? new Map<string, Armed>();
    this.#armed.set(stream, timers);
    const end = this.#elapsed() + Math.max(deadline - this.#now(), 0);
    const wait = (): NodeJS.Timeout =>
      setTimeout(
        () => {
          // Node's clock for timers and this one differ by up to a millisecond, and no timer is as long as it may be set.
          if (this.#elapsed() < end) {
            armed.timer = wait();
            return;
          }
          timers.delete(name);
          if (timers.size === 0) this.#armed.delete(stream);
          this.#ring(stream, name);
        },
        Math.min(Math.max(end - this.#elapsed(), 0), LONGEST_DELAY),
      );
    const armed: Armed = { deadline, timer: wait() };
    timers.set(name, armed);
  }
}
