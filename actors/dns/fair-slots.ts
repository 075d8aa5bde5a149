/** Says that somebody has too much under way, and too many waiting. */
export class SlotsFull extends Error {
  override readonly name = 'SlotsFull';
}

/** A few things at once for each of those who share something, so that none of them takes it from the others. */
export class FairSlots {
  readonly #atOnce: number;
  readonly #mostWaiting: number;
  readonly #inUse = new Map<string, number>();
  readonly #waiting = new Map<string, Set<() => void>>();

  /**
   * @param atOnce how many slots each has
   * @param mostWaiting how many of each may wait for one
   */
  constructor(atOnce: number, mostWaiting: number) {
    this.#atOnce = atOnce;
    this.#mostWaiting = mostWaiting;
  }

  /** How many slots somebody uses now. */
  inUse(key: string): number {
    return this.#inUse.get(key) ?? 0;
  }

  /**
   * Resolves with what gives the slot back, to be called once.
   * @throws SlotsFull, or the signal's reason when it is aborted before there is a slot
   */
  async take(key: string, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.inUse(key) >= this.#atOnce) await this.#wait(key, signal);
    else this.#inUse.set(key, this.inUse(key) + 1);
    return () => this.#giveBack(key);
  }

  #wait(key: string, signal: AbortSignal): Promise<void> {
    const waiting = this.#waiting.get(key) ?? new Set();
    if (waiting.size >= this.#mostWaiting) throw new SlotsFull(`${waiting.size} are waiting already`);
    this.#waiting.set(key, waiting);
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        waiting.delete(proceed);
        if (waiting.size === 0) this.#waiting.delete(key);
      };
      const giveUp = (): void => {
        leave();
        reject(signal.reason);
      };
      const proceed = (): void => {
        leave();
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      waiting.add(proceed);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  /** The slot is the next one's, if somebody waits. */
  #giveBack(key: string): void {
    const next = this.#waiting.get(key)?.values().next().value;
    if (next !== undefined) {
      next();
      return;
    }
    const left = this.inUse(key) - 1;
    if (left > 0) this.#inUse.set(key, left);
    else this.#inUse.delete(key);
  }
}
