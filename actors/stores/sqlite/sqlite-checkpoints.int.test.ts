import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from '@jest/globals';
import { testEvents } from '../testing/events.ts';
import { openSqliteCheckpoints, sqliteCheckpoints } from './sqlite-checkpoints.ts';
import { openSqliteEventStore } from './sqlite-event-store.ts';

const directory = mkdtempSync(join(tmpdir(), 'tandem-checkpoints-'));
afterAll(() => rmSync(directory, { recursive: true }));

describe('checkpoints in SQLite', () => {
  it('keep the position saved last under each name, also when opened again', async () => {
    const file = join(directory, 'new/checkpoints.db');
    const first = openSqliteCheckpoints({ file });
    expect(await first.load('calls')).toBeUndefined();
    await first.save('calls', '7');
    await first.save('calls', '12/12');
    await first.save('legs', '3');
    first.close();
    const second = openSqliteCheckpoints({ file });
    expect(await second.load('calls')).toBe('12/12');
    expect(await second.load('legs')).toBe('3');
    second.close();
  });

  it('share the file of an event store while that is written', async () => {
    const file = join(directory, 'shared.db');
    const checkpoints = openSqliteCheckpoints({ file });
    const store = openSqliteEventStore({ file });
    const saves = Array.from({ length: 20 }, async () => {
      const { position } = await store.append('leg', 'any', testEvents(1));
      await checkpoints.save('legs', position);
    });
    await Promise.all(saves);
    expect(await checkpoints.load('legs')).toBe('20');
    await store.close();
    checkpoints.close();
  });

  it('are part of the transaction of the database that they are given', async () => {
    const database = new DatabaseSync(':memory:');
    const checkpoints = sqliteCheckpoints(database, ':memory:');
    await checkpoints.save('calls', '1');
    database.exec('BEGIN');
    const saved = checkpoints.save('calls', '2');
    database.exec('ROLLBACK');
    await saved;
    expect(await checkpoints.load('calls')).toBe('1');
    database.close();
  });

  it('say when they cannot be kept', async () => {
    const file = join(directory, 'text.db');
    writeFileSync(file, 'This is no database at all.'.repeat(100));
    expect(() => openSqliteCheckpoints({ file })).toThrow(
      expect.objectContaining({ code: 'store.unavailable' }),
    );
    const checkpoints = openSqliteCheckpoints({ file: ':memory:' });
    checkpoints.close();
    await expect(checkpoints.load('calls')).rejects.toMatchObject({ code: 'store.unavailable' });
    await expect(checkpoints.save('calls', '1')).rejects.toMatchObject({ code: 'store.unavailable' });
  });
});
