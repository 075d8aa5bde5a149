import { afterAll, beforeAll, describe } from '@jest/globals';
import { eventStoreLog } from '../server/event-store-log.ts';
import { type StoreServer, startStoreServer } from '../server/store-server.ts';
import { openSqliteEventStore } from '../sqlite/sqlite-event-store.ts';
import { eventStoreContract } from '../testing/event-store.contract.ts';
import { startKurrentTestServer } from '../testing/kurrent-test-server.ts';
import { openKurrentEventStore } from './kurrent-event-store.ts';

describe.each([true, false])('with BatchAppend %s', (batchAppend) => {
  let server: StoreServer;
  beforeAll(async () => {
    server = await startKurrentTestServer({ batchAppend });
  });
  afterAll(() => server.kill());

  eventStoreContract('Kurrent (test server)', async () =>
    openKurrentEventStore({ connectionString: server.connectionString }),
  );
});

describe('with the store server over a file', () => {
  const store = openSqliteEventStore({ file: ':memory:' });
  let server: StoreServer;
  beforeAll(async () => {
    server = await startStoreServer({ log: eventStoreLog(store) });
  });
  afterAll(async () => {
    await server.close();
    await store.close();
  });

  eventStoreContract('Kurrent (store server)', async () =>
    openKurrentEventStore({ connectionString: server.connectionString }),
  );
});

// No package installs the real server, so these are not tests that were skipped: they exist where one is named.
const { EVENTSTORE_URL } = process.env;
if (EVENTSTORE_URL !== undefined) {
  describe('with the server that EVENTSTORE_URL names', () => {
    eventStoreContract('Kurrent', async () => openKurrentEventStore({ connectionString: EVENTSTORE_URL }));
  });
}
