import { isTandemError, TandemError } from '../../errors/index.ts';
import type { GatewayId } from '../../names/index.ts';
import type { Appended, AppendOptions, EventStore, RecordedEvent } from '../../stores/event-store/index.ts';
import { checkShipped } from './check-shipped.ts';
import { endInStore } from './end-in-store.ts';
import { OwnStreams } from './own-streams.ts';
import { Serial } from './serial.ts';
import { isOfGatewayItself, StreamOwners } from './stream-owners.ts';

/** Shipped events on their way into the store. */
export interface Storing {
  /** The events as they are stored: those that are not what they should be are set aside. */
  readonly events: readonly RecordedEvent[];
  /** The appends of their streams that are under way. One that fails may still find that the events are there. */
  readonly appends: ReadonlyMap<string, Promise<Appended>>;
  /** Resolves when all of them are durable, with those that are in the store. */
  readonly stored: Promise<readonly RecordedEvent[]>;
  /** The others, of legs that another gateway has taken: they are none of the leg's. */
  readonly leftOut: Promise<readonly RecordedEvent[]>;
  /** How actors have ended of which the store has another history than the gateway: with the events stored for that. */
  readonly ended: Promise<readonly RecordedEvent[]>;
}

export interface ShippedEventsOptions {
  /** Events were not stored as they were shipped, and are not held against anything else. */
  readonly onNotTaken?: (error: TandemError, event: RecordedEvent) => void;
  /** Milliseconds since the Unix epoch. */
  readonly now?: () => number;
}

/** What became of the events of one stream that are not stored. */
interface Outcome {
  readonly leftOut: readonly RecordedEvent[];
  readonly refused?: readonly RecordedEvent[];
  readonly ended?: RecordedEvent;
}

const ALL_STORED: Outcome = { leftOut: [] };

/** What is shipped of a call so late that its streams are no longer kept is not stored, and nobody's fault. */
const pruned = (events: readonly RecordedEvent[]): Outcome => ({ leftOut: [], refused: events });

/**
 * Stores what regions ship, under the stream, revision and id that it has there. A batch that was stored in part
 * before a break is stored once. Of a gateway that is named, each event is checked, and only such are stored as it may
 * ship.
 */
export class ShippedEvents {
  readonly #store: EventStore;
  readonly #owners: StreamOwners;
  readonly #own: OwnStreams;
  readonly #onNotTaken: NonNullable<ShippedEventsOptions['onNotTaken']>;
  readonly #now: () => number;
  readonly #serial = new Serial();
  /** The append of each stream that was begun last: one fails with the one before it. */
  readonly #underWay = new Map<string, Promise<Appended>>();

  constructor(store: EventStore, { onNotTaken = () => {}, now = Date.now }: ShippedEventsOptions = {}) {
    this.#store = store;
    this.#onNotTaken = onNotTaken;
    this.#now = now;
    this.#owners = new StreamOwners(store);
    this.#own = new OwnStreams(store, (error) => onNotTaken(error, { stream: error.params.stream } as never));
  }

  /**
   * Resolves when all of them are durable, but for what is left out. The events of a stream are in order and without
   * gaps. What a gateway had not shipped of a leg when another one took it is left out: the leg's stream went on without
   * it. So are events of a stream that is not the gateway's, and snapshots, which are of use to their own process only.
   *
   * @throws link.events-missing, store.*
   */
  store(events: readonly RecordedEvent[], from?: GatewayId): Promise<readonly RecordedEvent[]> {
    return this.begin(events, from).stored;
  }

  /** The same, for whoever has to know of the appends. Streams of which nobody waits for an event have patience. */
  begin(
    shipped: readonly RecordedEvent[],
    from?: GatewayId,
    isWaitedFor: (event: RecordedEvent) => boolean = () => true,
  ): Storing {
    const events = shipped
      .filter(({ stream }) => !stream.startsWith('snapshot-'))
      .map((e) => this.#check(e, from));
    const streams = Map.groupBy(events, (event) => event.stream);
    const appends = new Map<string, Promise<Appended>>();
    const outcomes = Promise.all(
      [...streams].map(([stream, own]) => {
        const first = this.#begin(stream, own, from, { patient: !own.some(isWaitedFor) });
        appends.set(stream, first);
        return this.#serial.run(stream, () => this.#finish(stream, own, from, first));
      }),
    );
    return {
      events,
      appends,
      stored: handled(
        outcomes.then((all) => {
          const not = new Set(all.flatMap(({ leftOut, refused = [] }) => [...leftOut, ...refused]));
          return not.size === 0 ? events : events.filter((event) => !not.has(event));
        }),
      ),
      leftOut: handled(outcomes.then((all) => all.flatMap(({ leftOut }) => leftOut))),
      ended: handled(outcomes.then((all) => all.flatMap(({ ended }) => ended ?? []))),
    };
  }

  #check(event: RecordedEvent, from: GatewayId | undefined): RecordedEvent {
    const checked = from ? checkShipped(event) : event;
    if (checked !== event) {
      const { code: _code, detail } = checked.data as { code: string; detail: string };
      const invalid = new TandemError('runtime.invalid-event', { type: event.type, detail });
      this.#onNotTaken(invalid, event);
    }
    return checked;
  }

  /** Appends events to the stream that should end where they begin, at once where it is known that they may be. */
  #begin(
    stream: string,
    events: readonly RecordedEvent[],
    from: GatewayId | undefined,
    options: AppendOptions,
  ): Promise<Appended> {
    const before = this.#underWay.get(stream);
    const chained = before ? { ...options, after: [before] } : options;
    const appended = this.#mayAppend(stream, events, from)
      ? this.#append(stream, events, from, chained)
      : this.#serial.run(stream, async () => {
          const verdict = await this.#owners.check(from!, stream, events);
          // What of it is there already is still to be seen.
          if (verdict !== 'open') throw new TandemError('store.not-preceded', {});
          return this.#append(stream, events, from, options);
        });
    this.#underWay.set(stream, appended);
    const done = (): void => {
      if (this.#underWay.get(stream) === appended) this.#underWay.delete(stream);
    };
    // It is looked at when what came before it has been.
    appended.then(done, done);
    return appended;
  }

  #mayAppend(stream: string, events: readonly RecordedEvent[], from: GatewayId | undefined): boolean {
    if (!from || isOfGatewayItself(stream, from)) return true;
    return this.#owners.mayAppend(from, stream, events);
  }

  #append(
    stream: string,
    events: readonly RecordedEvent[],
    from: GatewayId | undefined,
    options?: AppendOptions,
  ): Promise<Appended> {
    if (from && isOfGatewayItself(stream, from)) return this.#own.append(stream, events, options);
    const first = events[0]!.revision;
    return this.#store.append(stream, first === 0 ? 'no-stream' : first - 1, events, options);
  }

  /** Sees to it that what was appended is there, or is not to be there. */
  async #finish(
    stream: string,
    events: readonly RecordedEvent[],
    from: GatewayId | undefined,
    first: Promise<Appended>,
  ): Promise<Outcome> {
    try {
      await first;
      return ALL_STORED;
    } catch (error) {
      this.#owners.forget(stream);
      if (isTandemError(error, 'link.foreign-stream')) return this.#refused(error, events);
      if (isTandemError(error, 'store.stream-deleted')) return pruned(events);
      if (!isTandemError(error, 'store.wrong-revision') && !isTandemError(error, 'store.not-preceded'))
        throw error;
    }
    // What came before it may not have been there then, and is now; or another router stores the same.
    if (!from || !isOfGatewayItself(stream, from)) return this.#storeMissing(stream, events, from);
    await this.#own.store(stream, events);
    return ALL_STORED;
  }

  #refused(error: TandemError, events: readonly RecordedEvent[]): Outcome {
    this.#onNotTaken(error, events[0]!);
    return { leftOut: [], refused: events };
  }

  /** Another router may be storing the same at this moment: whoever is second finds it there. */
  async #storeMissing(
    stream: string,
    events: readonly RecordedEvent[],
    from: GatewayId | undefined,
  ): Promise<Outcome> {
    for (let missing = events; missing.length > 0; ) {
      try {
        const verdict = from ? await this.#owners.check(from, stream, missing) : 'open';
        const first = missing[0]!.revision;
        const { stored, fault } = await this.#compare(stream, missing);
        const rest = missing.filter(({ revision }) => revision >= (fault?.params.revision ?? stored + 1));
        if (rest.length === 0) return ALL_STORED;
        if (verdict === 'taken') return { leftOut: rest };
        if (fault || verdict === 'over') return await this.#endForked(stream, rest, fault);
        // The stream is behind what was shipped: something is missing, and must not be papered over.
        if (stored < first - 1)
          throw new TandemError('link.events-missing', { stream, stored, shipped: first });
        missing = rest;
        await this.#append(stream, rest, from);
        return ALL_STORED;
      } catch (error) {
        this.#owners.forget(stream);
        if (isTandemError(error, 'link.foreign-stream')) return this.#refused(error, missing);
        if (isTandemError(error, 'store.stream-deleted')) return pruned(missing);
        if (!isTandemError(error, 'store.wrong-revision')) throw error;
      }
    }
    return ALL_STORED;
  }

  /** The revision of the last event that is stored, and the first of these that is another event there. */
  async #compare(stream: string, events: readonly RecordedEvent[]) {
    const first = events[0]!.revision;
    let last: RecordedEvent | undefined;
    let fault: TandemError<'link.journal-conflict'> | undefined;
    for await (const event of this.#store.readStream(stream, { from: first })) {
      last = event;
      const shipped = events[event.revision - first];
      if (!fault && shipped && shipped.id !== event.id)
        fault = new TandemError('link.journal-conflict', {
          stream,
          revision: event.revision,
          stored: event.id,
          shipped: shipped.id,
        });
    }
    if (!last)
      for await (const event of this.#store.readStream(stream, { direction: 'backwards', limit: 1 }))
        last = event;
    return { stored: last?.revision ?? -1, fault };
  }

  /**
   * The gateway goes on from an older copy of its journal: what it did after that copy was made is stored, and unknown to
   * it. The stored history stays, and ends here: nobody can say any more how it went on.
   */
  async #endForked(
    stream: string,
    events: readonly RecordedEvent[],
    fault: TandemError<'link.journal-conflict'> | undefined,
  ): Promise<Outcome> {
    if (fault) this.#onNotTaken(fault, events[0]!);
    const ended = await endInStore(this.#store, stream, LOST, this.#now());
    return { leftOut: [], refused: events, ...(ended && { ended }) };
  }
}

/** A promise of several from one, of which whoever looks at one sees the error. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

const LOST = 'The gateway came back with an older copy of its journal';
