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

const realServer = process.env.EVENTSTORE_URL;
if (realServer !== undefined) {
  eventStoreContract('Kurrent (EVENTSTORE_URL)', async () =>
    openKurrentEventStore({ connectionString: realServer }),
  );
}
