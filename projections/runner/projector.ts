import { setTimeout as delay } from 'node:timers/promises';
import { upcast } from '@tandem/actors/events';
import type { EventStore, Position, RecordedEvent, Subscription } from '@tandem/actors/stores/event-store';
import { rollBack, sqliteCheckpoints } from '@tandem/actors/stores/sqlite';
import type { Projection } from './projection.ts';
import type { ReadModelDatabase } from './read-model-database.ts';
import { sqliteSetAside } from './set-aside.ts';
import { isStorageFault } from './storage-fault.ts';

export interface ProjectorOptions {
  readonly store: EventStore;
  readonly database: ReadModelDatabase;
  readonly projection: Projection;
  /** Called each time that the projection stops on an error; it is tried again after a while. */
  readonly onError?: (error: unknown) => void;
  /** Called with each event that the projection cannot take; it goes on without it. */
  readonly onSetAside?: (event: RecordedEvent, error: unknown) => void;
  /** Waits so many milliseconds before the next try; ends early when the signal is aborted. */
  readonly wait?: (milliseconds: number, signal: AbortSignal) => Promise<unknown>;
}

export interface Projector {
  /** Why the read model does not follow the events now; nothing when it does. */
  readonly failure: unknown;
  /** Events that the projection could not take, since the read model was begun. */
  readonly setAside: number;
  /** Ends after what it was handed is committed. */
  close(): Promise<void>;
}

/** Events of one transaction. */
const BATCH = 500;
/** Milliseconds for which events may wait for others to be committed with: how far the model lags behind. */
const GATHER = 20;
/** The same while there is much to do: a call that changes several times in it is written once. */
const GATHER_WHEN_BUSY = 50;
/** Events of one commit from which on there is much to do. */
const BUSY = 50;
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 30_000;

const waitFor = (milliseconds: number, signal: AbortSignal): Promise<unknown> =>
  delay(milliseconds, undefined, { signal }).catch(() => {});

/**
 * Keeps a read model up with the store. Rows and the position up to which they go are one transaction, so each
 * event counts once, whenever the process ends. An event that the projection cannot take is set aside, in the table
 * `set_aside`, and holds up no other; a database that fails is tried again. The projector owns its subscription; store
 * and database belong to whoever opened them, and are to be closed after it.
 */
export function startProjector(options: ProjectorOptions): Projector {
  const { store, database, projection, wait = waitFor } = options;
  const { onError = () => {}, onSetAside = () => {} } = options;
  const { writer } = database;
  const checkpoints = sqliteCheckpoints(writer, database.file);
  const aside = sqliteSetAside(writer, projection.name);
  const stopping = new AbortController();
  let waiting: RecordedEvent[] = [];
  let written: Promise<void> = Promise.resolve();
  let scheduled: NodeJS.Timeout | undefined;
  let gather = GATHER;
  let subscription: Subscription | undefined;
  let failure: unknown;
  let pause = FIRST_WAIT;

  /** One transaction: what is done in it, and how far that goes. */
  const transact = async (position: Position, work: () => void): Promise<void> => {
    writer.exec('BEGIN IMMEDIATE');
    try {
      work();
      await checkpoints.save(projection.name, position);
      writer.exec('COMMIT');
      database.committed();
      pause = FIRST_WAIT;
    } catch (error) {
      rollBack(writer);
      projection.forget();
      throw error;
    }
  };

  const project = (events: readonly RecordedEvent[]): void => {
    for (const event of events) if (projection.concerns(event.type)) projection.apply(upcast(event));
    projection.write();
  };

  /** Of events that fail together, halves are tried, until it is known which one cannot be taken. */
  const commit = async (events: readonly RecordedEvent[]): Promise<void> => {
    const last = events.at(-1);
    if (!last) return;
    try {
      await transact(last.position, () => project(events));
    } catch (error) {
      if (isStorageFault(error)) throw error;
      if (events.length === 1) return setAside(last, error);
      const half = events.length >> 1;
      await commit(events.slice(0, half));
      await commit(events.slice(half));
    }
  };

  const setAside = async (event: RecordedEvent, error: unknown): Promise<void> => {
    await transact(event.position, () => aside.add(event, error));
    onSetAside(event, error);
  };

  const flush = (): Promise<void> => {
    clearTimeout(scheduled);
    scheduled = undefined;
    const events = waiting;
    waiting = [];
    gather = events.length < BUSY ? GATHER : GATHER_WHEN_BUSY;
    written = written.then(() => commit(events));
    return written;
  };

  /** What comes within a moment is committed together. */
  const take = (event: RecordedEvent): Promise<void> | undefined => {
    waiting.push(event);
    if (waiting.length >= BATCH) return flush();
    scheduled ??= setTimeout(() => flush().catch(fail), gather);
  };

  const fail = (error: unknown): void => {
    failure ??= error;
    void subscription?.stop();
  };

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        failure = undefined;
        const after = await checkpoints.load(projection.name);
        if (stopping.signal.aborted) return;
        subscription = store.subscribeToAll(after === undefined ? 'start' : { after }, take);
        await subscription.ended;
      } catch (error) {
        failure ??= error;
      }
      if (stopping.signal.aborted) return;
      onError(failure);
      // What was not committed comes again from the position that was.
      clearTimeout(scheduled);
      scheduled = undefined;
      waiting = [];
      written = Promise.resolve();
      await wait(pause, stopping.signal);
      pause = Math.min(pause * 2, LONGEST_WAIT);
    }
  };
  const running = run();

  return {
    get failure() {
      return failure;
    },
    get setAside() {
      return aside.count();
    },
    async close() {
      stopping.abort();
      await subscription?.stop();
      await running;
      await flush().catch(() => {});
    },
  };
}
