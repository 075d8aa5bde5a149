/** A place in a store's order of all events: opaque, only to be handed back to the store that gave it. */
export type Position = string;

/** Revision of the stream's last event (from 0), or what must be true of the stream instead. */
export type ExpectedRevision = number | 'no-stream' | 'any';

/** An event as it is given to a store. */
export interface NewEvent<Data = unknown> {
  /** UUID. Appending an event again under the same id and expected revision changes nothing. */
  readonly id: string;
  /** Name of the message in proto/events.proto. */
  readonly type: string;
  /** Schema version of that message, from 1. */
  readonly version: number;
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
  /** The region in which it happened. */
  readonly region: string;
  /** Id of the event or command behind this one; empty when it came from outside. */
  readonly cause: string;
  /** Sid of the call that it belongs to; empty when it belongs to none. */
  readonly correlation: string;
  /** JSON object: the message's proto3 JSON form. */
  readonly data: Data;
}

/** An event as a store gives it back. */
export interface RecordedEvent<Data = unknown> extends NewEvent<Data> {
  readonly stream: string;
  /** Place in its stream, from 0. */
  readonly revision: number;
  readonly position: Position;
}

export interface Appended {
  /** Revision of the last event appended. */
  readonly revision: number;
  /** Position of the last event appended. */
  readonly position: Position;
}

export interface ReadOptions {
  /** First revision to read; the default is the first (forwards) or the last (backwards). */
  readonly from?: number;
  readonly direction?: 'forwards' | 'backwards';
  /** At most so many events; the default is all. */
  readonly limit?: number;
}

export interface ReadAllOptions {
  /** Events after this position (before it, backwards); the default is the start (the end, backwards). */
  readonly after?: Position;
  readonly direction?: 'forwards' | 'backwards';
  readonly limit?: number;
}

export interface AppendOptions {
  /**
   * Nobody waits for these events: they may become durable with others, up to some milliseconds later. Until then
   * nobody sees them.
   */
  readonly patient?: boolean;
  /**
   * Promises of other appends to this store, from which this one follows: they and it are durable together, or they
   * before it, and without one of them it fails with `store.not-preceded`.
   */
  readonly after?: readonly Promise<Appended>[];
}

/** Where a subscription starts: after a position or revision, at the start, or with what comes from now on. */
export type SubscribeFrom<P> = { readonly after: P } | 'start' | 'end';

/**
 * Called for one event at a time, in order; the next waits until the returned promise settles. A handler that
 * throws ends the subscription with that error.
 */
export type EventHandler = (event: RecordedEvent) => void | Promise<void>;

export interface Subscription {
  /** Resolves when the subscription was stopped, rejects when it ended by an error. */
  readonly ended: Promise<void>;
  /** Resolves when the handler that runs now, if any, has settled; none is called afterwards. */
  stop(): Promise<void>;
}

/**
 * An append-only store of streams. One contract suite, `event-store.contract.ts`, says what every
 * implementation does.
 */
export interface EventStore {
  /** Why this store will never take an event again; nothing as long as it may. One that is only out of reach has none. */
  readonly failure?: Error | undefined;
  /**
   * Appends events to a stream, all or none; resolves once they are durable.
   *
   * Idempotent: when the stream already holds exactly these event ids after `expected`, it answers with their
   * revision and stores nothing.
   *
   * @throws store.wrong-revision, store.stream-deleted, store.invalid-append, store.not-preceded, store.read-only,
   * store.closed, store.unavailable
   */
  append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly NewEvent[],
    options?: AppendOptions,
  ): Promise<Appended>;
  /** Events of a stream; none for a stream that does not exist. @throws store.stream-deleted */
  readStream(stream: string, options?: ReadOptions): AsyncIterable<RecordedEvent>;
  /** Events of all streams in the order in which they were stored. @throws store.invalid-position */
  readAll(options?: ReadAllOptions): AsyncIterable<RecordedEvent>;
  /**
   * Durable events of one type, newest first. A store has it only when it finds them without going through all others.
   */
  readNewest?(type: string): AsyncIterable<RecordedEvent>;
  /** All events, first those that are there, then each as it comes; none twice, none left out. */
  subscribeToAll(from: SubscribeFrom<Position>, handler: EventHandler): Subscription;
  /** The same for one stream. */
  subscribeToStream(stream: string, from: SubscribeFrom<number>, handler: EventHandler): Subscription;
  /** Deletes a stream for good; it takes no more events. @throws store.wrong-revision */
  delete(stream: string, expected: ExpectedRevision): Promise<void>;
  /** Ends subscriptions, waits for appends under way, and gives back what it holds. */
  close(): Promise<void>;
}
