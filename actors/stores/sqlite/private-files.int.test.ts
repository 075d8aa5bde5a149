import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testEvents } from '../testing/events.ts';
import { keepFolderPrivate } from './private-files.ts';
import { openSqliteCheckpoints } from './sqlite-checkpoints.ts';
import { openSqliteEventStore } from './sqlite-event-store.ts';

const directory = mkdtempSync(join(tmpdir(), 'tandem-private-'));
const umask = process.umask();
const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);
const modesIn = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((name) => [name, modeOf(join(folder, name))]),
  );

beforeAll(() => void process.umask(0o022));
afterAll(() => {
  process.umask(umask);
  rmSync(directory, { recursive: true });
});

describe('files of stores', () => {
  it('are for their owner only, and so are folders that are made for them', async () => {
    const folder = join(directory, 'new', 'data');
    const store = openSqliteEventStore({ file: join(folder, 'events.db') });
    const checkpoints = openSqliteCheckpoints({ file: join(folder, 'checkpoints.db') });
    await store.append('leg', 'no-stream', testEvents(1));
    expect(modesIn(folder)).toEqual({
      'checkpoints.db': '600',
      'checkpoints.db-shm': '600',
      'checkpoints.db-wal': '600',
      'events.db': '600',
      'events.db-lock': '600',
      'events.db-shm': '600',
      'events.db-wal': '600',
    });
    expect([modeOf(folder), modeOf(join(directory, 'new'))]).toEqual(['700', '700']);
    checkpoints.close();
    await store.close();
  });

  it('are taken from others when they were made for everybody', async () => {
    const folder = join(directory, 'old');
    mkdirSync(folder);
    const file = join(folder, 'events.db');
    const first = openSqliteEventStore({ file });
    await first.append('leg', 'no-stream', testEvents(1));
    for (const name of readdirSync(folder)) chmodSync(join(folder, name), 0o644);
    // Its log is left over, as after a crash.
    const second = () => openSqliteEventStore({ file });
    expect(second).toThrow(/open to write/);
    expect(new Set(Object.values(modesIn(folder)))).toEqual(new Set(['600']));
    await first.close();
  });

  it('leave a folder as it is that may hold others’ files, and narrow one that is ours', async () => {
    const shared = join(directory, 'shared');
    mkdirSync(shared);
    writeFileSync(join(shared, 'other'), '');
    await openSqliteEventStore({ file: join(shared, 'events.db') }).close();
    expect(modesIn(shared)).toMatchObject({ other: '644', 'events.db': '600' });
    expect(modeOf(shared)).toBe('755');
    keepFolderPrivate(shared);
    expect(modeOf(shared)).toBe('700');
  });
});
