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

const { EVENTSTORE_URL } = process.env;
const onRealServer = EVENTSTORE_URL === undefined ? describe.skip : describe;
onRealServer('with the server that EVENTSTORE_URL names', () => {
  eventStoreContract('Kurrent', async () =>
    openKurrentEventStore({ connectionString: EVENTSTORE_URL ?? '' }),
  );
});
