import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { eventStoreContract } from '../testing/event-store.contract.ts';
import { openSqliteEventStore } from './sqlite-event-store.ts';

const directory = mkdtempSync(join(tmpdir(), 'tandem-store-'));
afterAll(() => rmSync(directory, { recursive: true }));

let files = 0;
eventStoreContract('SQLite in a file', async () => {
  files += 1;
  return openSqliteEventStore({ file: join(directory, `${files}.db`) });
});
eventStoreContract('SQLite in memory', async () => openSqliteEventStore({ file: ':memory:' }));
