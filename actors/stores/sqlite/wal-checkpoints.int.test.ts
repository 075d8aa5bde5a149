import { statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openSqliteFile } from './sqlite-database.ts';
import { openWalCheckpoints, type WalCheckpoints } from './wal-checkpoints.ts';

let directory: string;
let file: string;
let database: DatabaseSync;
let checkpoints: WalCheckpoints | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tandem-checkpoints-'));
  file = join(directory, 'some.db');
  database = openSqliteFile(file);
  database.exec('CREATE TABLE things (text TEXT)');
});
afterEach(async () => {
  checkpoints?.close();
  if (database.isOpen) database.close();
  await rm(directory, { recursive: true });
});

const sizeOf = (path: string): number => statSync(path).size;

/** Commits some 40 pages. */
const write = (): void => {
  database.prepare('INSERT INTO things VALUES (?)').run('x'.repeat(160_000));
  checkpoints!.committed();
};

describe('checkpoints elsewhere', () => {
  it('carry what was committed into the database, which COMMIT no longer does', async () => {
    checkpoints = openWalCheckpoints(database, file, { every: 1, long: 1_000_000 });
    for (let i = 0; i < 30; i++) database.prepare('INSERT INTO things VALUES (?)').run('x'.repeat(160_000));
    expect(sizeOf(file)).toBeLessThan(100_000);
    write();
    while (sizeOf(file) < 4_000_000) await nextTurn();
  });

  it('let a log that is written without a pause start anew', async () => {
    checkpoints = openWalCheckpoints(database, file, { every: 1, long: 100 });
    let written = 0;
    // Once the log starts anew it holds less than was written.
    do {
      write();
      written += 160_000;
      await nextTurn();
    } while (sizeOf(`${file}-wal`) > written);
    expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
  });

  it('do not bring back a file that is gone', async () => {
    checkpoints = openWalCheckpoints(database, file, { every: 1, long: 100 });
    write();
    database.close();
    await rm(file);
    const other = `${file}-other`;
    database = openSqliteFile(other);
    database.exec('CREATE TABLE things (text TEXT)');
    const others = openWalCheckpoints(database, other, { every: 1, long: 1_000_000 });
    database.prepare('INSERT INTO things VALUES (?)').run('x'.repeat(4_000_000));
    others.committed();
    // One after the other: when this one is done, that one has been tried.
    while (sizeOf(other) < 4_000_000) await nextTurn();
    others.close();
    expect(() => statSync(file)).toThrow('ENOENT');
  });
});
