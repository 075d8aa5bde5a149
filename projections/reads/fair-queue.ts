interface Waiting {
  readonly start: () => Promise<void>;
}

export interface FairQueueOptions {
  /** Tasks that run at once. */
  readonly atOnce: number;
  /** Tasks of one key that may wait. */
  readonly mostWaiting: number;
  /** The error for a task that could not wait. */
  readonly full: () => Error;
}

/**
 * Runs tasks of many keys, one of each key at a time, and those of different keys in turn: what one key asks for makes no
 * other wait for more than the tasks that run.
 */
export class ReadQueue {
  readonly #options: FairQueueOptions;
  /** By key, in the order of their turns. */
  readonly #waiting = new Map<string, Waiting[]>();
  readonly #running = new Set<string>();

  constructor(options: FairQueueOptions) {
    this.#options = options;
  }

  /** @throws what `full` makes, and what the task throws */
  run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const waiting = this.#waiting.get(key) ?? [];
    if (waiting.length >= this.#options.mostWaiting) return Promise.reject(this.#options.full());
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    waiting.push({ start: () => task().then(resolve, reject) });
    this.#waiting.set(key, waiting);
    this.#next();
    return promise;
  }

  #next(): void {
    for (const [key, waiting] of this.#waiting) {
      if (this.#running.size >= this.#options.atOnce) return;
      if (this.#running.has(key)) continue;
      const [task, ...rest] = waiting;
      // Last in the order of turns from now on.
      this.#waiting.delete(key);
      if (rest.length > 0) this.#waiting.set(key, rest);
      this.#running.add(key);
      void task!.start().finally(() => {
        this.#running.delete(key);
        this.#next();
      });
    }
  }
}
