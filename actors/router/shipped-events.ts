import { isTandemError, TandemError } from '../errors/tandem-error.ts';
import { type GatewayName, sayGateway } from '../link/gateway-name.ts';
import type { EventStore, RecordedEvent } from '../stores/event-store.ts';
import { isOfCall, OwnCalls } from './own-calls.ts';
import { Serial } from './serial.ts';

/** What became of events that were shipped. */
export interface Shipped {
  /** Those that are durable in the store, now or before. */
  readonly stored: readonly RecordedEvent[];
  /** Those of legs that another gateway has taken: they are none of the leg's. */
  readonly leftOut: readonly RecordedEvent[];
}

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
   * Resolves when all of them are durable, but for what is left out. The events of a stream are in order and without
   * gaps. Of a gateway that is named, only such calls are stored as it runs itself. What a gateway had not
   * shipped of a leg when another one took it is left out: the leg's stream went on without it.
   *
   * @throws link.bad-message, link.journal-conflict, link.events-missing, store.*
   */
  async store(events: readonly RecordedEvent[], from?: GatewayName): Promise<Shipped> {
    const streams = Map.groupBy(events, (event) => event.stream);
    const left = await Promise.all(
      [...streams].map(([stream, own]) => this.#serial.run(stream, () => this.#storeOne(stream, own, from))),
    );
    const leftOut = left.flat();
    if (leftOut.length === 0) return { stored: events, leftOut };
    const isLeftOut = new Set(leftOut);
    return { stored: events.filter((event) => !isLeftOut.has(event)), leftOut };
  }

  /** What was left out. */
  async #storeOne(
    stream: string,
    events: readonly RecordedEvent[],
    from?: GatewayName,
  ): Promise<readonly RecordedEvent[]> {
    if (from && isOfCall(stream)) await this.#calls.check(from, stream, events);
    return this.#append(stream, events, from);
  }

  /** Another router may be storing the same at this moment: whoever is second finds it there. */
  async #append(
    stream: string,
    events: readonly RecordedEvent[],
    from?: GatewayName,
  ): Promise<readonly RecordedEvent[]> {
    for (let missing = events; missing.length > 0; ) {
      const first = missing[0]!.revision;
      try {
        await this.#store.append(stream, first === 0 ? 'no-stream' : first - 1, missing);
        return [];
      } catch (error) {
        if (!isTandemError(error, 'store.wrong-revision')) throw error;
        const { stored, fault } = await this.#compare(stream, missing);
        // The stream is behind what was shipped: something is missing, and must not be papered over.
        const gap =
          stored < first - 1
            ? new TandemError('link.events-missing', { stream, stored, shipped: first })
            : error;
        const failure = fault ?? (stored < first ? gap : undefined);
        if (failure && (await this.#isTaken(stream, from)))
          return missing.filter((event) => event.revision >= (fault?.params.revision ?? first));
        if (failure) throw failure;
        missing = missing.filter((event) => event.revision > stored);
      }
    }
    return [];
  }

  /** The revision of the last event that is stored, and the first of these that is another event there. */
  async #compare(stream: string, events: readonly RecordedEvent[]) {
    const first = events[0]!.revision;
    let stored = -1;
    let fault: TandemError<'link.journal-conflict'> | undefined;
    for await (const { id, revision } of this.#store.readStream(stream, { from: first })) {
      stored = revision;
      const shipped = events[revision - first];
      if (!fault && shipped && shipped.id !== id)
        fault = new TandemError('link.journal-conflict', {
          stream,
          revision,
          stored: id,
          shipped: shipped.id,
        });
    }
    if (stored >= first) return { stored, fault };
    for await (const { revision } of this.#store.readStream(stream, { direction: 'backwards', limit: 1 }))
      stored = revision;
    return { stored, fault };
  }

  /** Whether a leg was taken by another gateway than the one that ships this. */
  async #isTaken(stream: string, from?: GatewayName): Promise<boolean> {
    for await (const { type, data } of this.#store.readStream(stream, { direction: 'backwards' }))
      if (type === 'LegAdopted') return !from || sayGateway(data as GatewayName) !== sayGateway(from);
    return false;
  }
}
