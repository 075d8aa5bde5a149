import { isTandemError } from '../errors/tandem-error.ts';
import type { EventStore, RecordedEvent } from '../stores/event-store.ts';
import { Serial } from './serial.ts';

/**
 * Stores what regions ship, under the stream, revision and id that it has there. A batch that was stored in part
 * before a break is stored once.
 */
export class ShippedEvents {
  readonly #store: EventStore;
  readonly #serial = new Serial();

  constructor(store: EventStore) {
    this.#store = store;
  }

  /** Resolves when all of them are durable. The events of a stream are in order and without gaps. */
  async store(events: readonly RecordedEvent[]): Promise<void> {
    const streams = Map.groupBy(events, (event) => event.stream);
    await Promise.all(
      [...streams].map(([stream, own]) => this.#serial.run(stream, () => this.#append(stream, own))),
    );
  }

  async #append(stream: string, events: readonly RecordedEvent[]): Promise<void> {
    const first = events[0]!.revision;
    try {
      await this.#store.append(stream, first === 0 ? 'no-stream' : first - 1, events);
    } catch (error) {
      if (!isTandemError(error, 'store.wrong-revision')) throw error;
      const stored = await this.#lastRevision(stream);
      // The stream is behind what was shipped: something is missing, and must not be papered over.
      if (stored < first) throw error;
      const missing = events.filter((event) => event.revision > stored);
      if (missing.length > 0) await this.#store.append(stream, stored, missing);
    }
  }

  async #lastRevision(stream: string): Promise<number> {
    for await (const { revision } of this.#store.readStream(stream, { direction: 'backwards', limit: 1 }))
      return revision;
    return -1;
  }
}
