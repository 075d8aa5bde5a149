/** Longest delay of a Node timer; a later deadline is looked at again then. */
const LONGEST_DELAY = 2 ** 31 - 1;

/**
 * The armed deadlines of all actors of a process, also of those that are put away. It owns its timers; `close`
 * clears them.
 */
export class TimerTable {
  readonly #armed = new Map<string, Map<string, { deadline: number; timer: NodeJS.Timeout }>>();
  readonly #ring: (stream: string, timer: string) => void;
  readonly #now: () => number;
  #closed = false;

  constructor(ring: (stream: string, timer: string) => void, now: () => number) {
    this.#ring = ring;
    this.#now = now;
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
    const armed = this.#armed.get(stream) ?? new Map<string, { deadline: number; timer: NodeJS.Timeout }>();
    this.#armed.set(stream, armed);
    const delay = Math.min(Math.max(deadline - this.#now(), 0), LONGEST_DELAY);
    const timer = setTimeout(() => {
      armed.delete(name);
      if (armed.size === 0) this.#armed.delete(stream);
      // Node's clock for timers and the wall clock differ by up to a millisecond, or by more after a step.
      if (this.#now() < deadline) this.#arm(stream, name, deadline);
      else this.#ring(stream, name);
    }, delay);
    armed.set(name, { deadline, timer });
  }
}
