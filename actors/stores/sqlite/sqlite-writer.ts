import type { DatabaseSync } from 'node:sqlite';
import { TandemError } from '../../errors/index.ts';
import type { Appended, ExpectedRevision, NewEvent } from '../event-store/index.ts';
import { decideAppend, type StoredIds } from './decide-append.ts';
import { createStreamHeads, type StreamHead } from './stream-heads.ts';

/** Writes inside a transaction that the caller opened; what throws a TandemError has written nothing. */
export interface SqliteWriter {
  /**
   * `data` is the JSON text of each event's data; `repeated` says that the events were there already.
   *
   * @throws store.wrong-revision, store.stream-deleted
   */
  append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly NewEvent[],
    data: readonly string[],
  ): Appended & { readonly repeated: boolean };
  /**
   * Of a stream with many events some are left to `sweep`.
   *
   * @throws store.wrong-revision, store.stream-deleted
   */
  delete(stream: string, expected: ExpectedRevision): void;
  /** The highest position given out. */
  position(): number;
  /** Forgets what it believes the file holds, after a transaction was rolled back. */
  forget(): void;
  /** Removes some of the events that deleted streams have left. */
  sweep(): void;
  /** Whether deleted streams have left events. */
  hasLeft(): boolean;
}

/** Events that are removed in one go: some milliseconds in which nothing else is stored. */
const REMOVED_TOGETHER = 200;

const HEADS = 20_000;

/** `lastPosition` reads the highest position that the file has given out. */
export const createSqliteWriter = (database: DatabaseSync, lastPosition: () => number): SqliteWriter => {
  const findStream = database.prepare(
    `SELECT key, deleted_at IS NOT NULL AS deleted,
       coalesce((SELECT max(revision) FROM events WHERE stream = key), -1) AS revision
     FROM streams WHERE name = ?`,
  );
  const insertStream = database.prepare('INSERT OR IGNORE INTO streams (name) VALUES (?)');
  const insertEvent = database.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const insertLoose = database.prepare('INSERT INTO loose_events VALUES (?, ?, ?)');
  const eventAt = database.prepare('SELECT id, position FROM events WHERE stream = ? AND revision = ?');
  const findLoose = database.prepare('SELECT revision FROM loose_events WHERE stream = ? AND id = ?');
  const markDeleted = database.prepare('UPDATE streams SET deleted_at = ? WHERE key = ?');
  const removeEvents = database.prepare(
    `DELETE FROM events WHERE position IN
      (SELECT position FROM events WHERE stream = ? ORDER BY revision LIMIT ${REMOVED_TOGETHER})`,
  );
  const removeLoose = database.prepare(
    `DELETE FROM loose_events WHERE stream = ?1 AND id IN
      (SELECT id FROM loose_events WHERE stream = ?1 LIMIT ${REMOVED_TOGETHER})`,
  );
  const leave = database.prepare('INSERT INTO sweeps VALUES (?)');
  const nextLeft = database.prepare('SELECT stream FROM sweeps LIMIT 1');
  const done = database.prepare('DELETE FROM sweeps WHERE stream = ?');

  const heads = createStreamHeads(HEADS);
  let position: number | undefined;

  const readHead = (stream: string): StreamHead | undefined => {
    const row = findStream.get(stream) as { key: number; deleted: number; revision: number } | undefined;
    return row && { key: row.key, revision: row.revision, deleted: row.deleted === 1 };
  };

  const headOf = (stream: string): StreamHead | undefined => {
    const known = heads.get(stream);
    if (known !== undefined) return known;
    const head = readHead(stream);
    if (head !== undefined) heads.set(stream, head);
    return head;
  };

  /** The head of a new stream; nothing when there is one of that name. */
  const tryToAdd = (stream: string): StreamHead | undefined => {
    const { changes, lastInsertRowid } = insertStream.run(stream);
    if (changes === 0) return undefined;
    const head = { key: Number(lastInsertRowid), revision: -1, deleted: false };
    heads.set(stream, head);
    return head;
  };

  const addStream = (stream: string): StreamHead => tryToAdd(stream)!;

  const undeletedHeadOf = (stream: string): StreamHead | undefined => {
    const head = headOf(stream);
    if (head?.deleted) throw new TandemError('store.stream-deleted', { stream });
    return head;
  };

  const wrongRevision = (stream: string, expected: ExpectedRevision, head: StreamHead | undefined) =>
    new TandemError('store.wrong-revision', { stream, expected, actual: head?.revision ?? 'no-stream' });

  const nextPosition = (): number => {
    position = (position ?? lastPosition()) + 1;
    return position;
  };

  const insert = (head: StreamHead, loose: boolean, event: NewEvent, data: string): void => {
    head.revision += 1;
    insertEvent.run(
      nextPosition(),
      head.key,
      head.revision,
      event.id,
      event.type,
      event.version,
      event.time,
      event.region,
      event.cause,
      event.correlation,
      data,
    );
    if (loose) insertLoose.run(head.key, event.id, head.revision);
  };

  const storedIds = (head: StreamHead | undefined): StoredIds => ({
    idAt: (revision) => head && (eventAt.get(head.key, revision)?.id as string | undefined),
    revisionOf: (id) => head && (findLoose.get(head.key, id)?.revision as number | undefined),
  });

  const append: SqliteWriter['append'] = (stream, expected, events, data) => {
    // Who begins a stream mostly does: then adding it says that it was not there, and nothing is looked up.
    const begun = expected === 'no-stream' && heads.get(stream) === undefined ? tryToAdd(stream) : undefined;
    const found = begun ?? undeletedHeadOf(stream);
    const decision = decideAppend(found?.revision ?? -1, expected, events, () => storedIds(found));
    if (decision.kind === 'conflict') throw wrongRevision(stream, expected, found);
    if (decision.kind === 'already-there') {
      const { revision } = decision;
      return { revision, position: String(eventAt.get(found!.key, revision)?.position), repeated: true };
    }
    const head = found ?? addStream(stream);
    for (let i = 0; i < events.length; i += 1) insert(head, expected === 'any', events[i]!, data[i]!);
    return { revision: head.revision, position: String(position), repeated: false };
  };

  /** Whether nothing of the stream is left. */
  const removeSome = (key: number): boolean => {
    const [events, loose] = [removeEvents.run(key).changes, removeLoose.run(key).changes];
    return events < REMOVED_TOGETHER && loose < REMOVED_TOGETHER;
  };

  return {
    append,
    delete: (stream, expected) => {
      const found = undeletedHeadOf(stream);
      if (expected !== 'any' && (found?.revision ?? 'no-stream') !== expected) {
        throw wrongRevision(stream, expected, found);
      }
      const head = found ?? addStream(stream);
      markDeleted.run(nextPosition(), head.key);
      head.deleted = true;
      if (!removeSome(head.key)) leave.run(head.key);
    },
    sweep: () => {
      const key = nextLeft.get()?.stream as number | undefined;
      if (key !== undefined && removeSome(key)) done.run(key);
    },
    hasLeft: () => nextLeft.get() !== undefined,
    position: () => position ?? lastPosition(),
    forget: () => {
      heads.clear();
      position = undefined;
    },
  };
};
