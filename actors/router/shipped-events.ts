import { isTandemError, TandemError } from '../errors/tandem-error.ts';
import { type GatewayName, sayGateway } from '../link/gateway-name.ts';
import type { Appended, AppendOptions, EventStore, RecordedEvent } from '../stores/event-store.ts';
import { isOfCall, OwnCalls } from './own-calls.ts';
import { Serial } from './serial.ts';

/** Shipped events on their way into the store. */
export interface Storing {
  /** The appends of their streams that are under way. One that fails may still find that the events are there. */
  readonly appends: ReadonlyMap<string, Promise<Appended>>;
  /** Resolves when all of them are durable, with those that are in the store. */
  readonly stored: Promise<readonly RecordedEvent[]>;
  /** The others, of legs that another gateway has taken: they are none of the leg's. */
  readonly leftOut: Promise<readonly RecordedEvent[]>;
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
  store(events: readonly RecordedEvent[], from?: GatewayName): Promise<readonly RecordedEvent[]> {
    return this.begin(events, from).stored;
  }

  /** The same, for whoever has to know of the appends. Streams of which nobody waits for an event have patience. */
  begin(
    events: readonly RecordedEvent[],
    from?: GatewayName,
    isWaitedFor: (event: RecordedEvent) => boolean = () => true,
  ): Storing {
    const streams = Map.groupBy(events, (event) => event.stream);
    const appends = new Map<string, Promise<Appended>>();
    const leftOut = [...streams].map(([stream, own]) => {
      const checked = from !== undefined && isOfCall(stream);
      const first = checked ? undefined : this.#try(stream, own, { patient: !own.some(isWaitedFor) });
      if (first) appends.set(stream, first);
      return this.#serial.run(stream, () => this.#storeOne(stream, own, from, first));
    });
    const left = Promise.all(leftOut).then((some) => some.flat());
    return { appends, leftOut: left, stored: without(events, left) };
  }

  /** Appends events to the stream that should end where they begin. */
  #try(stream: string, events: readonly RecordedEvent[], options?: AppendOptions): Promise<Appended> {
    const first = events[0]!.revision;
    const appended = this.#store.append(stream, first === 0 ? 'no-stream' : first - 1, events, options);
    // It is looked at when what came before it has been.
    appended.catch(() => {});
    return appended;
  }

  /** What was left out. */
  async #storeOne(
    stream: string,
    events: readonly RecordedEvent[],
    from: GatewayName | undefined,
    first: Promise<Appended> | undefined,
  ): Promise<readonly RecordedEvent[]> {
    if (from && isOfCall(stream)) await this.#calls.check(from, stream, events);
    return this.#append(stream, events, from, first);
  }

  /** Another router may be storing the same at this moment: whoever is second finds it there. */
  async #append(
    stream: string,
    events: readonly RecordedEvent[],
    from: GatewayName | undefined,
    underWay: Promise<Appended> | undefined,
  ): Promise<readonly RecordedEvent[]> {
    let appended = underWay;
    for (let missing = events; missing.length > 0; appended = undefined) {
      const first = missing[0]!.revision;
      try {
        await (appended ?? this.#try(stream, missing));
        return [];
      } catch (error) {
        if (!isTandemError(error, 'store.wrong-revision')) throw error;
        // What came before it may not have been there then, and is now.
        if (appended) continue;
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

async function without(
  events: readonly RecordedEvent[],
  leaving: Promise<readonly RecordedEvent[]>,
): Promise<readonly RecordedEvent[]> {
  const leftOut = new Set(await leaving);
  return leftOut.size === 0 ? events : events.filter((event) => !leftOut.has(event));
}
