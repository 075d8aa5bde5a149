import { type Asker, FairQueue, NOBODY, type QueueLimits } from './fair-queue.ts';

/** Has so many pieces of work done at a time; more wait for their turn, which they get in fairness to all who ask. */
export class FairTurns {
  readonly #atOnce: number;
  readonly #queue: FairQueue<() => Promise<unknown>>;
  #running = 0;

  constructor(atOnce: number, limits: QueueLimits) {
    this.#atOnce = atOnce;
    this.#queue = new FairQueue(limits);
  }

  /** @throws media.audio-overloaded, the signal's reason when that takes it back before its turn, and what it throws */
  run<T>(work: () => Promise<T>, asker: Asker = NOBODY, signal?: AbortSignal): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    if (signal?.aborted) return Promise.reject(signal.reason);
    const turn = (): Promise<void> => work().then(resolve, reject);
    try {
      this.#queue.add(asker, turn);
    } catch (error) {
      return Promise.reject(error);
    }
    const takeBack = (): void => {
      if (this.#queue.remove(asker, turn)) reject(signal!.reason);
    };
    signal?.addEventListener('abort', takeBack);
    this.#next();
    return promise.finally(() => signal?.removeEventListener('abort', takeBack));
  }

  #next(): void {
    if (this.#running >= this.#atOnce) return;
    const turn = this.#queue.take();
    if (turn === undefined) return;
    this.#running += 1;
    const began = performance.now();
    void turn.work().finally(() => {
      this.#running -= 1;
      this.#queue.settle(turn, performance.now() - began);
      this.#next();
    });
  }
}
