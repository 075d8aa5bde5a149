import { afterAll, beforeAll, describe } from '@jest/globals';
import { eventStoreContract } from './event-store.contract.ts';
import { openKurrentEventStore } from './kurrent-event-store.ts';
import { type KurrentTestServer, startKurrentTestServer } from './testing/kurrent-test-server.ts';

describe.each([true, false])('with BatchAppend %s', (batchAppend) => {
  let server: KurrentTestServer;
  beforeAll(async () => {
    server = await startKurrentTestServer({ batchAppend });
  });
  afterAll(() => server.stop());

  eventStoreContract('Kurrent (test server)', async () =>
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
