import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { TandemError } from '../../errors/index.ts';
import type { Position, RecordedEvent } from '../event-store/index.ts';
import { sqliteUnavailable } from './sqlite-database.ts';

export type ReadDirection = 'forwards' | 'backwards';

/** Reads pages of durable events; each call sees everything that is durable then. */
export interface SqliteReader {
  /** Events of a stream from a revision on. @throws store.stream-deleted, store.unavailable */
  streamPage(stream: string, direction: ReadDirection, from: number, limit: number): RecordedEvent[];
  /** Events of all streams after a position (before it, backwards). @throws store.unavailable */
  allPage(direction: ReadDirection, after: number, limit: number): RecordedEvent[];
  /** Events of a type before a position, the last first. @throws store.unavailable */
  typePage(type: string, before: number, limit: number): RecordedEvent[];
  /** The highest position given out, durable or not. */
  lastPosition(): number;
  /** Revision of a stream's last event, -1 when there is none. */
  lastRevision(stream: string): number;
}

type Row = readonly [number, number, string, string, number, number, string, string, string, string, string];

const FIELDS = 'position, revision, id, type, version, time, region, cause, correlation, data';

const recorded = (row: Row, stream: string): RecordedEvent => ({
  stream,
  revision: row[1],
  position: String(row[0]),
  id: row[2],
  type: row[3],
  version: row[4],
  time: row[5],
  region: row[6],
  cause: row[7],
  correlation: row[8],
  data: JSON.parse(row[9]),
});

/** @throws store.invalid-position */
export const parsePosition = (position: Position): number => {
  const value = Number(position);
  if (!/^\d+$/.test(position) || !Number.isSafeInteger(value)) {
    throw new TandemError('store.invalid-position', { position });
  }
  return value;
};

/** `durable` is the highest position that is on disk. */
export const createSqliteReader = (
  database: DatabaseSync,
  file: string,
  durable: () => number,
): SqliteReader => {
  const prepareRows = (sql: string): ((...values: SQLInputValue[]) => Row[]) => {
    const statement = database.prepare(sql);
    statement.setReturnArrays(true);
    return (...values) => {
      try {
        return statement.all(...values) as unknown as Row[];
      } catch (error) {
        throw sqliteUnavailable(file, error);
      }
    };
  };

  const ofStream = (order: string) =>
    prepareRows(
      `SELECT ${FIELDS} FROM events WHERE stream = ? AND position <= ? AND revision ${order} LIMIT ?`,
    );
  const ofAll = (order: string) =>
    prepareRows(
      `SELECT ${FIELDS}, name FROM events JOIN streams ON key = stream
       WHERE position <= ? AND deleted_at IS NULL AND position ${order} LIMIT ?`,
    );
  const streamRows = {
    forwards: ofStream('>= ? ORDER BY revision'),
    backwards: ofStream('<= ? ORDER BY revision DESC'),
  };
  const allRows = {
    forwards: ofAll('> ? ORDER BY position'),
    backwards: ofAll('< ? ORDER BY position DESC'),
  };
  // An index of some types only is used when the statement itself says which type it is for.
  const ofType = (type: string) =>
    prepareRows(
      `SELECT ${FIELDS}, name FROM events JOIN streams ON key = stream
       WHERE type = '${type.replaceAll("'", "''")}' AND position <= ? AND deleted_at IS NULL AND position < ?
       ORDER BY position DESC LIMIT ?`,
    );
  const typeRows = new Map<string, ReturnType<typeof ofType>>();
  const streamByName = prepareRows('SELECT key, deleted_at FROM streams WHERE name = ?');
  const highest = prepareRows(
    'SELECT max(coalesce((SELECT max(position) FROM events), 0), coalesce((SELECT max(deleted_at) FROM streams), 0))',
  );

  const keyOf = (stream: string): number | undefined => {
    const [found] = streamByName(stream) as unknown as (readonly [number, number | null])[];
    if (found === undefined) return undefined;
    if (found[1] !== null) throw new TandemError('store.stream-deleted', { stream });
    return found[0];
  };

  const streamPage: SqliteReader['streamPage'] = (stream, direction, from, limit) => {
    const key = keyOf(stream);
    if (key === undefined) return [];
    return streamRows[direction](key, durable(), from, limit).map((row) => recorded(row, stream));
  };

  return {
    streamPage,
    allPage: (direction, after, limit) =>
      allRows[direction](durable(), after, limit).map((row) => recorded(row, row[10])),
    typePage(type, before, limit) {
      const rows = typeRows.get(type) ?? ofType(type);
      typeRows.set(type, rows);
      return rows(durable(), before, limit).map((row) => recorded(row, row[10]));
    },
    lastPosition: () => highest()[0]?.[0] ?? 0,
    lastRevision: (stream) => streamPage(stream, 'backwards', Number.MAX_SAFE_INTEGER, 1)[0]?.revision ?? -1,
  };
};
