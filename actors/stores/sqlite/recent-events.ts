import type { RecordedEvent } from '../event-store/index.ts';

/**
 * The newest durable events of a store, in memory: who follows everything finds the next page here and need not
 * ask the file for what this process has just written.
 */
export class RecentEvents {
  readonly #capacity: number;
  #events: RecordedEvent[] = [];
  /** Position after which nothing is missing here. */
  #completeAfter: number;

  constructor(capacity: number, completeAfter: number) {
    this.#capacity = capacity;
    this.#completeAfter = completeAfter;
  }

  /** Adds events in the order of their positions. */
  add(events: readonly RecordedEvent[]): void {
    this.#events.push(...events);
    // Dropping some of many at a time keeps this cheap.
    if (this.#events.length < 2 * this.#capacity) return;
    const dropped = this.#events.length - this.#capacity;
    this.#completeAfter = Number(this.#events[dropped - 1]!.position);
    this.#events = this.#events.slice(dropped);
  }

  /** At most `limit` events after a position; nothing when some of them may be in the file only. */
  page(after: number, limit: number): readonly RecordedEvent[] | undefined {
    if (after < this.#completeAfter) return undefined;
    let from = this.#events.length;
    while (from > 0 && Number(this.#events[from - 1]!.position) > after) from--;
    return this.#events.slice(from, from + limit);
  }

  /** Starts anew after a position. */
  forget(completeAfter: number): void {
    this.#events = [];
    this.#completeAfter = completeAfter;
  }
}
