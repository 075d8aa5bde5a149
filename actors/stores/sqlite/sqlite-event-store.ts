import type { DatabaseSync } from 'node:sqlite';
import { TandemError } from '../../errors/index.ts';
import type {
  EventStore,
  NewEvent,
  Position,
  ReadAllOptions,
  ReadOptions,
  RecordedEvent,
  Subscription,
} from '../event-store/index.ts';
import { checkAppend, dataAsJson, runSubscription } from '../event-store/index.ts';
import { createCommitSignal } from './commit-signal.ts';
import { createGroupCommit } from './group-commit.ts';
import { RecentEvents } from './recent-events.ts';
import {
  isBeyondTrust,
  openSqliteFileForReading,
  openSqliteFileForWriting,
  openWalSync,
  rollBack,
  sqliteUnavailable,
} from './sqlite-database.ts';
import { followPages, type NextPage, readPages } from './sqlite-read.ts';
import { createSqliteReader, parsePosition } from './sqlite-reader.ts';
import { prepareSchema } from './sqlite-schema.ts';
import { createSqliteWriter } from './sqlite-writer.ts';
import { openWalCheckpoints } from './wal-checkpoints.ts';

export interface SqliteEventStoreOptions {
  /** Path of the database file, or `:memory:` for a store that is gone when it is closed. */
  readonly file: string;
  /** Only to read, not to subscribe, while another process may write the file. The default is false. */
  readonly readOnly?: boolean;
  /** Most events in one transaction; the default is 1000. */
  readonly maxBatch?: number;
  /**
   * Called once, when the disk failed and what the file holds is in doubt: nothing is stored from then on. Whoever opens the
   * file anew, best in a new process, finds what was acknowledged.
   */
  readonly onBroken?: (error: Error) => void;
}

// The newest events are kept in memory for those who follow them.
const RECENT = 1_000;
// So many events may wait for their commit; more than that is a disk which no longer answers.
const MAX_WAITING = 100_000;
// Milliseconds between two goes at the events of deleted streams, so that others store meanwhile.
const SWEEP_PAUSE = 10;
// Weight of such a go in its transaction.
const SWEEP_WEIGHT = 200;
// Milliseconds for which events that nobody waits for may wait for others to be committed with.
const PATIENCE = 10;

/**
 * An event store in one SQLite file. Appends from many callers are committed together and put on disk off the main
 * thread; nobody, reader or subscriber, sees an event before it is there. One process at a time can write the file.
 *
 * @throws store.unavailable when the file cannot be made, is no event store or is damaged; store.in-use
 */
export const openSqliteEventStore = (options: SqliteEventStoreOptions): EventStore => {
  const { file, readOnly = false, maxBatch = 1000, onBroken = () => {} } = options;
  const { database, release } = readOnly ? openSqliteFileForReading(file) : openSqliteFileForWriting(file);
  try {
    prepareSchema(database, readOnly);
    return createSqliteEventStore({ file, readOnly, maxBatch, onBroken, database, release });
  } catch (error) {
    release();
    throw sqliteUnavailable(file, error);
  }
};

interface OpenedSqlite extends Required<SqliteEventStoreOptions> {
  /** Has the schema of an event store. */
  readonly database: DatabaseSync;
  /** Closes the database and gives up its lock. */
  readonly release: () => void;
}

/** Events as they are read back; what is in memory is a copy of its own, as what is read from the file would be. */
const recorded = (
  stream: string,
  events: readonly NewEvent[],
  data: readonly string[],
  lastRevision: number,
  lastPosition: Position,
): RecordedEvent[] =>
  events.map((event, index) => {
    const before = events.length - 1 - index;
    const { id, type, version, time, region, cause, correlation } = event;
    return {
      stream,
      revision: lastRevision - before,
      position: String(Number(lastPosition) - before),
      id,
      type,
      version,
      time,
      region,
      cause,
      correlation,
      data: JSON.parse(data[index]!),
    };
  });

const createSqliteEventStore = ({
  file,
  readOnly,
  maxBatch,
  onBroken,
  database,
  release,
}: OpenedSqlite): EventStore => {
  // What another process writes is durable as far as we can tell; of our own we know.
  let durable = Number.MAX_SAFE_INTEGER;
  const reader = createSqliteReader(database, file, () => durable);
  if (!readOnly) durable = reader.lastPosition();
  const wal = readOnly ? undefined : openWalSync(file);
  const checkpoints = readOnly ? undefined : openWalCheckpoints(database, file);
  const writer = createSqliteWriter(database, reader.lastPosition);
  const commits = createCommitSignal();
  const running = new Set<Subscription>();
  const recent = new RecentEvents(RECENT, durable);
  let written = new Set<string>();
  /** What the transaction under way has added. */
  let added: RecordedEvent[] = [];
  let state: 'open' | 'closing' | 'closed' = 'open';
  let closing: Promise<void> | undefined;
  let failure: Error | undefined;

  const group = createGroupCommit({
    transaction: {
      begin: () => database.exec('BEGIN IMMEDIATE'),
      commit: () => database.exec('COMMIT'),
      sync: () => wal!.sync(),
      rollback: () => {
        added = [];
        writer.forget();
        rollBack(database);
      },
    },
    maxBatch,
    maxWaiting: MAX_WAITING,
    overloaded: () => sqliteUnavailable(file, new Error(`${MAX_WAITING} events wait for the disk`)),
    failed: (error) => sqliteUnavailable(file, error),
    isBeyondTrust,
    broke: (error) => {
      failure = error;
      onBroken(error);
    },
    patience: PATIENCE,
    committed: () => {
      checkpoints!.committed();
      durable = writer.position();
      recent.add(added);
      added = [];
      const streams = written;
      written = new Set();
      commits.notify(streams);
    },
  });

  let sweeping: NodeJS.Timeout | undefined;
  const sweepSoon = (): void => {
    if (state === 'open' && writer.hasLeft()) sweeping ??= setTimeout(sweep, SWEEP_PAUSE);
  };
  /** Removes what is left of deleted streams, some at a time. What it cannot remove now is removed after the next start. */
  const sweep = (): void => {
    sweeping = undefined;
    group.run(SWEEP_WEIGHT, writer.sweep).then(sweepSoon, () => {});
  };

  const checkReadable = (): void => {
    if (state === 'closed') throw new TandemError('store.closed', { store: 'SQLite' });
  };

  // A process before this one may have left some.
  if (!readOnly) sweepSoon();

  const checkWritable = (): void => {
    if (state !== 'open') throw new TandemError('store.closed', { store: 'SQLite' });
    if (readOnly) throw new TandemError('store.read-only', { store: 'SQLite' });
  };

  const streamPages = (stream: string, { from, direction = 'forwards' }: ReadOptions): NextPage => {
    const step = direction === 'forwards' ? 1 : -1;
    const first = from ?? (direction === 'forwards' ? 0 : Number.MAX_SAFE_INTEGER);
    return (last, limit) => {
      checkReadable();
      return reader.streamPage(stream, direction, last ? last.revision + step : first, limit);
    };
  };

  const allPages = ({ after, direction = 'forwards' }: ReadAllOptions): NextPage => {
    const start = direction === 'forwards' ? 0 : Number.MAX_SAFE_INTEGER;
    const first = after === undefined ? start : parsePosition(after);
    return (last, limit) => {
      checkReadable();
      const from = last ? parsePosition(last.position) : first;
      const inMemory = direction === 'forwards' && !readOnly ? recent.page(from, limit) : undefined;
      return inMemory ?? reader.allPage(direction, from, limit);
    };
  };

  return {
    get failure() {
      return failure;
    },

    append: (stream, expected, events, options) => {
      try {
        checkWritable();
        checkAppend(stream, expected, events);
        const data = dataAsJson(stream, events);
        const write = () => {
          const { revision, position, repeated } = writer.append(stream, expected, events, data);
          written.add(stream);
          if (!repeated && running.size > 0)
            added.push(...recorded(stream, events, data, revision, position));
          else if (!repeated) recent.forget(Number(position));
          return { revision, position };
        };
        return group.run(events.length, write, options);
      } catch (error) {
        return Promise.reject(error);
      }
    },

    readStream: (stream, options = {}) => readPages(streamPages(stream, options), options.limit),

    readAll: (options = {}) => readPages(allPages(options), options.limit),

    readNewest: (type) =>
      readPages((last, limit) => {
        checkReadable();
        const before = last ? parsePosition(last.position) : Number.MAX_SAFE_INTEGER;
        return reader.typePage(type, before, limit);
      }),

    subscribeToAll: (from, handler) => {
      checkWritable();
      const after = from === 'start' ? undefined : from === 'end' ? String(durable) : from.after;
      const pages = allPages({ after });
      return runSubscription(running, (stopped) => followPages(pages, commits, undefined, stopped), handler);
    },

    subscribeToStream: (stream, from, handler) => {
      checkWritable();
      const after = from === 'start' ? -1 : from === 'end' ? reader.lastRevision(stream) : from.after;
      const pages = streamPages(stream, { from: after + 1 });
      return runSubscription(running, (stopped) => followPages(pages, commits, stream, stopped), handler);
    },

    delete: async (stream, expected) => {
      checkWritable();
      return group.run(1, () => {
        writer.delete(stream, expected);
        written.add(stream);
        added = [];
        recent.forget(writer.position());
        sweepSoon();
      });
    },

    close: () => {
      const shutDown = async (): Promise<void> => {
        state = 'closing';
        clearTimeout(sweeping);
        await Promise.all([group.drain(), ...[...running].map((subscription) => subscription.stop())]);
        state = 'closed';
        checkpoints?.close();
        wal?.close();
        release();
      };
      closing ??= shutDown();
      return closing;
    },
  };
};
