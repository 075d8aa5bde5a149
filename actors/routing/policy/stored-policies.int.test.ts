import { afterEach, describe, expect, it } from '@jest/globals';
import type { EventStore } from '../../stores/event-store/event-store.ts';
import { openSqliteEventStore } from '../../stores/sqlite/sqlite-event-store.ts';
import type { Policy } from './policy.ts';
import { POLICIES_STREAM, StoredPolicies, UNSET } from './stored-policies.ts';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

const configured: Policy[] = [{ name: 'configured', prohibit: ['ie1'] }];
const first: Policy[] = [{ name: 'first', only: ['de1'] }];
const second: Policy[] = [{ name: 'second', order: ['cost'] }];

function openStore(): EventStore {
  const store = openSqliteEventStore({ file: ':memory:' });
  opened.push(store);
  return store;
}

async function open(store: EventStore, onChange?: () => void, aside: number[] = []): Promise<StoredPolicies> {
  const policies = await StoredPolicies.open({
    store,
    configured,
    region: 'us1',
    onChange,
    onError(error) {
      throw error;
    },
    onSetAside: ({ revision }) => aside.push(revision),
  });
  opened.push(policies);
  return policies;
}

describe('the routing policies in force', () => {
  it('are the configuration’s until others are set, and those from then on', async () => {
    const store = openStore();
    const policies = await open(store);
    expect([policies.current(), policies.revision]).toEqual([configured, UNSET]);
    await policies.set(first, 'AC1');
    expect([policies.current(), policies.revision]).toEqual([first, 0]);
    const again = await open(store);
    expect([again.current(), again.revision]).toEqual([first, 0]);
  });

  it('are events that say who set them', async () => {
    const store = openStore();
    await (await open(store)).set(first, 'AC1');
    const [event] = await Array.fromAsync(store.readStream(POLICIES_STREAM));
    expect(event).toMatchObject({
      type: 'RoutingPoliciesSet',
      region: 'us1',
      data: { policies: JSON.stringify(first), by: 'AC1' },
    });
  });

  it('are followed by every process, which hears of each change', async () => {
    const store = openStore();
    const heard = Promise.withResolvers<void>();
    const here = await open(store);
    const there = await open(store, () => there.revision === 1 && heard.resolve());
    await here.set(first, 'AC1');
    await here.set(second, 'AC1');
    await heard.promise;
    expect(there.current()).toEqual(second);
  });

  it('are the same object until others are in force', async () => {
    const policies = await open(openStore());
    const before = policies.current();
    expect(policies.current()).toBe(before);
  });

  it('are not replaced by who has not seen them', async () => {
    const store = openStore();
    const [one, other] = [await open(store), await open(store)];
    await one.set(first, 'AC1', UNSET);
    await expect(other.set(second, 'AC2', UNSET)).rejects.toMatchObject({ code: 'routing.policies-changed' });
    await one.set(second, 'AC1', 0);
    expect(one.revision).toBe(1);
  });

  it('are those before, where what is stored cannot be taken', async () => {
    const store = openStore();
    const policies = await open(store);
    await policies.set(first, 'AC1');
    const event = {
      type: 'RoutingPoliciesSet',
      version: 1,
      time: 1,
      region: 'us1',
      cause: '',
      correlation: '',
    };
    for (const data of [{}, { policies: '{', by: 'AC1' }])
      await store.append(POLICIES_STREAM, 'any', [{ ...event, id: crypto.randomUUID(), data }]);
    const aside: number[] = [];
    const again = await open(store, undefined, aside);
    expect([again.current(), again.revision, aside]).toEqual([first, 0, [2, 1]]);
    await policies.set(second, 'AC1');
    while (again.revision === 0) await new Promise(setImmediate);
    expect(again.current()).toEqual(second);
  });
});
