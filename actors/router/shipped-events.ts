import { isTandemError, TandemError } from '../errors/tandem-error.ts';
import type { GatewayName } from '../link/gateway-name.ts';
import type { EventStore, RecordedEvent } from '../stores/event-store.ts';
import { isOfCall, OwnCalls } from './own-calls.ts';
import { Serial } from './serial.ts';

/**
 * Stores what regions ship, under the stream, revision and id that it has there. A batch that was stored in part
 * before a break is stored once.
 */
export class ShippedEvents {
  readonly #store: EventStore;
  readonly #calls: OwnCalls;
  readonly #serial = new Serial();

  constructor(store: EventStore) {
    this.#store = store;
    this.#calls = new OwnCalls(store);
  }

  /**
   * Resolves when all of them are durable. The events of a stream are in order and without gaps. Of a gateway that is
   * named, only such calls are stored as it runs itself.
   *
   * @throws link.bad-message, store.*
   */
  async store(events: readonly RecordedEvent[], from?: GatewayName): Promise<void> {
    const streams = Map.groupBy(events, (event) => event.stream);
    await Promise.all(
      [...streams].map(([stream, own]) => this.#serial.run(stream, () => this.#storeOne(stream, own, from))),
    );
  }

  async #storeOne(stream: string, events: readonly RecordedEvent[], from?: GatewayName): Promise<void> {
    if (from && isOfCall(stream)) await this.#calls.check(from, stream, events);
    await this.#append(stream, events);
  }

  /** Another router may be storing the same at this moment: whoever is second finds it there. */
  async #append(stream: string, events: readonly RecordedEvent[]): Promise<void> {
    for (let missing = events; missing.length > 0; ) {
      const first = missing[0]!.revision;
      try {
        await this.#store.append(stream, first === 0 ? 'no-stream' : first - 1, missing);
        return;
      } catch (error) {
        if (!isTandemError(error, 'store.wrong-revision')) throw error;
        const stored = await this.#checkSame(stream, missing);
        // The stream is behind what was shipped: something is missing, and must not be papered over.
        if (stored < first) throw error;
        missing = missing.filter((event) => event.revision > stored);
      }
    }
  }

  /**
   * The revision of the last event that is stored.
   *
   * @throws link.journal-conflict when one of these is another event there
   */
  async #checkSame(stream: string, events: readonly RecordedEvent[]): Promise<number> {
    const first = events[0]!.revision;
    let last = first - 1;
    for await (const { id, revision } of this.#store.readStream(stream, { from: first })) {
      last = revision;
      const shipped = events[revision - first];
      if (shipped && shipped.id !== id)
        throw new TandemError('link.journal-conflict', { stream, revision, stored: id, shipped: shipped.id });
    }
    if (last >= first) return last;
    for await (const { revision } of this.#store.readStream(stream, { direction: 'backwards', limit: 1 }))
      return revision;
    return -1;
  }
}
