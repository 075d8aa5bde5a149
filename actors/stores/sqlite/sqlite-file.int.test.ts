import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { idsOf, listOf, testEvent, testEvents } from '../testing/events.ts';
import { openSqliteEventStore } from './sqlite-event-store.ts';

const directory = mkdtempSync(join(tmpdir(), 'tandem-file-'));
afterAll(() => rmSync(directory, { recursive: true }));
const path = (name: string): string => join(directory, name);

const unavailable = (file: string, says: RegExp) =>
  expect.objectContaining({
    code: 'store.unavailable',
    params: { store: 'SQLite', detail: expect.stringMatching(says) },
    message: expect.stringContaining(file),
  });

const openFailure = (options: Parameters<typeof openSqliteEventStore>[0]): unknown => {
  try {
    openSqliteEventStore(options);
  } catch (error) {
    return error;
  }
  throw new Error('it opened');
};

describe('a SQLite event store', () => {
  it('holds after it was opened again what it held', async () => {
    const file = path('again.db');
    const events = testEvents(3);
    const first = openSqliteEventStore({ file });
    const appended = await first.append('leg', 'no-stream', events);
    await first.delete('gone', 'any');
    await first.close();

    const second = openSqliteEventStore({ file });
    expect(idsOf(await listOf(second.readStream('leg')))).toEqual(idsOf(events));
    expect(await second.append('leg', 'no-stream', events)).toEqual(appended);
    await expect(second.append('gone', 'any', events)).rejects.toMatchObject({
      code: 'store.stream-deleted',
    });
    const next = await second.append('leg', 2, testEvents(1));
    expect(Number(next.position)).toBeGreaterThan(Number(appended.position));
    await second.close();
  });

  it('removes a long stream at once for who reads, and from the file some events at a time', async () => {
    const file = path('long.db');
    const first = openSqliteEventStore({ file });
    const before = await first.append('stays', 'no-stream', testEvents(1));
    for (let at = 0; at < 3; at += 1) await first.append('long', 'any', testEvents(900));
    await first.append('stays', 0, testEvents(1));
    const left = (): number => {
      const look = new DatabaseSync(file, { readOnly: true });
      const [row] = look.prepare('SELECT count(*) AS events FROM events').all();
      look.close();
      return Number(row!.events);
    };
    await first.delete('long', 'any');
    const streams = async (store: typeof first) =>
      (await listOf(store.readAll())).map(({ stream }) => stream);
    expect(await streams(first)).toEqual(['stays', 'stays']);
    expect(await listOf(first.readAll({ after: before.position, direction: 'backwards' }))).toEqual([]);
    // Whoever ends here has left most of it in the file.
    await first.close();
    expect(left()).toBeGreaterThan(2);
    const second = openSqliteEventStore({ file });
    expect(await streams(second)).toEqual(['stays', 'stays']);
    while (left() > 2) await nextTurn();
    await second.close();
  });

  it('gives no position twice, even when the last stream is deleted and the process ends', async () => {
    const file = path('positions.db');
    const first = openSqliteEventStore({ file });
    const { position } = await first.append('leg', 'no-stream', testEvents(5));
    await first.delete('leg', 4);
    await first.close();
    const second = openSqliteEventStore({ file });
    const next = await second.append('other', 'no-stream', testEvents(1));
    expect(Number(next.position)).toBeGreaterThan(Number(position));
    await second.close();
  });

  it('lets appends of one moment build on each other, and a conflict among them fail alone', async () => {
    const store = openSqliteEventStore({ file: path('moment.db') });
    const results = await Promise.allSettled([
      store.append('leg', 'no-stream', testEvents(1)),
      store.append('leg', 0, testEvents(2)),
      store.append('leg', 1, testEvents(1)),
      store.append('leg', 2, testEvents(1)),
      store.append('other', 'no-stream', testEvents(1)),
    ]);
    expect(results).toMatchObject([
      { value: { revision: 0, position: '1' } },
      { value: { revision: 2, position: '3' } },
      { reason: { code: 'store.wrong-revision', params: { expected: 1, actual: 2 } } },
      { value: { revision: 3, position: '4' } },
      { value: { revision: 0, position: '5' } },
    ]);
    await store.close();
  });

  it('commits while a test has the clock stand still', async () => {
    jest.useFakeTimers();
    try {
      const store = openSqliteEventStore({ file: ':memory:' });
      await store.append('leg', 'no-stream', testEvents(1200));
      expect(await listOf(store.readStream('leg'))).toHaveLength(1200);
      await store.close();
    } finally {
      jest.useRealTimers();
    }
  });

  it('makes the directory that is missing', async () => {
    const file = path('deep/down/store.db');
    await openSqliteEventStore({ file }).close();
    expect(existsSync(file)).toBe(true);
  });

  it('says when the directory cannot be made', () => {
    writeFileSync(path('plain'), '');
    const file = path('plain/store.db');
    expect(openFailure({ file })).toEqual(unavailable(file, /ENOTDIR|EEXIST/));
  });

  it('says when the file is a directory', () => {
    expect(openFailure({ file: directory })).toEqual(unavailable(directory, /EISDIR/));
  });

  it('says when the file is something else', () => {
    const file = path('text.db');
    writeFileSync(file, 'This is no database at all.'.repeat(100));
    expect(openFailure({ file })).toEqual(unavailable(file, /not a database/));
  });

  it('says when the file is of a later version', () => {
    const file = path('later.db');
    const database = new DatabaseSync(file);
    database.exec('PRAGMA user_version = 99');
    database.close();
    expect(openFailure({ file })).toEqual(unavailable(file, /schema version 99/));
  });

  it('says when pages of the file are damaged', async () => {
    const file = path('damaged.db');
    const store = openSqliteEventStore({ file });
    await store.append('leg', 'no-stream', testEvents(2000));
    await store.close();
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.fill(0xa5, 5 * 4096));
    expect(openFailure({ file })).toEqual(unavailable(file, /malformed/));
  });

  it('refuses a second writer, until the first is closed', async () => {
    const file = path('shared.db');
    const first = openSqliteEventStore({ file });
    expect(openFailure({ file })).toMatchObject({ code: 'store.in-use', params: { file } });
    await first.append('leg', 'no-stream', testEvents(1));
    await first.close();
    const second = openSqliteEventStore({ file });
    await second.append('leg', 0, testEvents(1));
    await second.close();
  });
});

describe('a SQLite event store that is opened to read', () => {
  it('reads what a writer that has the file open committed, as it commits', async () => {
    const file = path('read.db');
    const writer = openSqliteEventStore({ file });
    await writer.append('leg', 'no-stream', testEvents(2));
    const reader = openSqliteEventStore({ file, readOnly: true });
    expect(await listOf(reader.readStream('leg'))).toHaveLength(2);
    await writer.append('leg', 1, testEvents(2));
    expect(await listOf(reader.readAll())).toEqual(await listOf(writer.readAll()));
    await reader.close();
    await writer.close();
  });

  it('finds calls in a file that was written before it had an index of them, and makes one as it writes', async () => {
    const file = path('unlisted.db');
    const call = testEvent({}, { type: 'CallReceived' });
    const writer = openSqliteEventStore({ file });
    await writer.append('call', 'no-stream', [call, ...testEvents(3)]);
    await writer.close();
    const database = new DatabaseSync(file);
    database.exec('DROP INDEX events_of_listed_types');
    database.close();

    const reader = openSqliteEventStore({ file, readOnly: true });
    expect(idsOf(await listOf(reader.readNewest!('CallReceived')))).toEqual([call.id]);
    await reader.close();
    await openSqliteEventStore({ file }).close();
    const plan = new DatabaseSync(file, { readOnly: true });
    // As the store asks; a plan that goes through all events says SCAN, or SEARCH by the position.
    const steps = plan
      .prepare(
        `EXPLAIN QUERY PLAN SELECT position, name FROM events JOIN streams ON key = stream
         WHERE type = 'CallReceived' AND position <= ? AND position < ? ORDER BY position DESC LIMIT ?`,
      )
      .all(9, 9, 9);
    expect(steps[0]!.detail).toMatch(
      /^SEARCH events USING INDEX events_of_listed_types \(type=\? AND rowid<\?\)/,
    );
    expect(steps).toHaveLength(2);
    plan.close();
  });

  it('refuses to append, to delete and to subscribe', async () => {
    const file = path('read-only.db');
    await openSqliteEventStore({ file }).close();
    const reader = openSqliteEventStore({ file, readOnly: true });
    const refused = expect.objectContaining({ code: 'store.read-only' });
    await expect(reader.append('leg', 'any', [testEvent()])).rejects.toEqual(refused);
    await expect(reader.delete('leg', 'any')).rejects.toEqual(refused);
    expect(() => reader.subscribeToAll('start', () => {})).toThrow(refused);
    await reader.close();
  });

  it('does not make a file, nor take another for one', () => {
    expect(openFailure({ file: path('none.db'), readOnly: true })).toEqual(
      unavailable(path('none.db'), /unable to open/),
    );
    const file = path('empty.db');
    new DatabaseSync(file).close();
    writeFileSync(file, '');
    expect(openFailure({ file, readOnly: true })).toEqual(unavailable(file, /no event store/));
  });
});
