import { afterEach, describe, expect, it } from '@jest/globals';
import type { EventStore, RecordedEvent } from '../stores/event-store.ts';
import { openSqliteEventStore } from '../stores/sqlite-event-store.ts';
import { testEvent } from '../stores/testing/events.ts';
import { OwnCalls } from './own-calls.ts';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

const GATEWAY = { region: 'ie1', gateway: 'gw1' };

function central(): EventStore {
  const store = openSqliteEventStore({ file: ':memory:' });
  opened.push(store);
  return store;
}

function received(router: string, revision = 0, stream = 'call-CA1'): RecordedEvent {
  const data = {
    ...{ ...GATEWAY, callSid: 'CA1', legId: 'LE1', trunk: '', from: '1', to: '2', router },
  };
  return {
    ...testEvent({ revision }),
    ...{ type: 'CallReceived', data, stream, revision, position: '' as never },
  };
}

describe('a gateway’s own calls', () => {
  it('are those that it began', async () => {
    const calls = new OwnCalls(central());
    await calls.check(GATEWAY, 'call-CA1', [received('ie1/gw1')]);
    await calls.check(GATEWAY, 'call-CA1', [received('', 1)]);
    await calls.check(GATEWAY, 'snapshot-call-CA1', [received('', 0)]);
    const other = { region: 'ie1', gateway: 'gw2' };
    await expect(calls.check(other, 'call-CA1', [received('', 2)])).rejects.toMatchObject({
      code: 'link.bad-message',
    });
  });

  it('are known from the store when they are not remembered', async () => {
    const store = central();
    await store.append('call-CA1', 'no-stream', [received('ie1/gw1')]);
    await store.append('call-CA2', 'no-stream', [received('us1/r1', 0, 'call-CA2')]);
    const calls = new OwnCalls(store);
    await calls.check(GATEWAY, 'call-CA1', [received('', 1)]);
    for (const stream of ['call-CA2', 'snapshot-call-CA2'])
      await expect(calls.check(GATEWAY, stream, [received('', 1)])).rejects.toMatchObject({
        code: 'link.bad-message',
      });
    await expect(calls.check(GATEWAY, 'call-CA3', [received('', 1)])).rejects.toMatchObject({
      code: 'link.events-missing',
    });
  });

  it('are no calls of a router’s', async () => {
    const calls = new OwnCalls(central());
    await expect(calls.check(GATEWAY, 'call-CA1', [received('us1/r1')])).rejects.toMatchObject({
      code: 'link.bad-message',
    });
  });

  it('are all that is looked at', async () => {
    const calls = new OwnCalls(central());
    await calls.check(GATEWAY, 'leg-LE1', [received('us1/r1', 4, 'leg-LE1')]);
  });
});
