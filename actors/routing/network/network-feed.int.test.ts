import { afterEach, expect, it } from '@jest/globals';
import type { EventStore, RecordedEvent } from '../../stores/event-store/event-store.ts';
import { openSqliteEventStore } from '../../stores/sqlite/sqlite-event-store.ts';
import { LiveNetwork } from './live-network.ts';
import { NetworkFeed } from './network-feed.ts';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

const DATA: Record<string, object> = {
  GatewayStarted: {
    region: 'ie1',
    gateway: 'gw1',
    node: 'n',
    version: '1',
    capacity: 10,
    addresses: [],
    kinds: ['sip'],
    codecs: [],
    trunks: [],
    services: [],
  },
  RegionStarted: { region: 'ie1', node: 'n', version: '1', cost: 0, peers: [] },
  GatewayStopped: { reason: 'stopped' },
  RegionStopped: { reason: 'stopped' },
};

const append = (store: EventStore, stream: string, type: string, data = DATA[type] ?? {}) =>
  store.append(stream, 'any', [
    {
      id: crypto.randomUUID(),
      type,
      version: 1,
      time: 1,
      region: 'ie1',
      cause: '',
      correlation: '',
      data,
    },
  ]);

it('tells a network of each event of its gateways and regions once and in order', async () => {
  const store = openSqliteEventStore({ file: ':memory:' });
  await append(store, 'gateway-ie1-gw1', 'GatewayStarted');
  await append(store, 'gateway-ie1-gw2', 'GatewayStarted');
  await append(store, 'region-ie1', 'RegionStarted');
  await append(store, 'leg-LE1', 'LegOffered');
  const taken: string[] = [];
  const done = Promise.withResolvers<void>();
  const feed = new NetworkFeed({
    store,
    network: {
      take({ stream, type }: Pick<RecordedEvent, 'stream' | 'type'>) {
        taken.push(`${stream} ${type}`);
        if (type === 'RegionStopped') done.resolve();
      },
    },
    onError: done.reject,
    onSetAside: (_event, error) => done.reject(error),
  });
  opened.push(store, feed);
  feed.meet({ region: 'ie1', gateway: 'gw1' });
  await append(store, 'gateway-ie1-gw1', 'GatewayDrainRequested');
  await append(store, 'gateway-ie1-gw2', 'GatewayStopped');
  await feed.read();
  feed.meet({ region: 'ie1', gateway: 'gw1' });
  await append(store, 'leg-LE1', 'LegEnded');
  await append(store, 'region-ie1', 'RegionStopped');
  await done.promise;
  const of = (stream: string) => taken.filter((one) => one.startsWith(`${stream} `));
  expect(of('gateway-ie1-gw1')).toEqual([
    'gateway-ie1-gw1 GatewayStarted',
    'gateway-ie1-gw1 GatewayDrainRequested',
  ]);
  expect(of('gateway-ie1-gw2')).toEqual(['gateway-ie1-gw2 GatewayStarted', 'gateway-ie1-gw2 GatewayStopped']);
  expect(of('region-ie1')).toEqual(['region-ie1 RegionStarted', 'region-ie1 RegionStopped']);
  expect(taken).toHaveLength(6);
});

it('leaves out what is not what it should be, stored before or just now, and goes on', async () => {
  const store = openSqliteEventStore({ file: ':memory:' });
  await append(store, 'gateway-ie1-gw1', 'GatewayStarted', {});
  await append(store, 'gateway-ie1-gw1', 'SomethingNewer', {});
  await append(store, 'gateway-ie1-gw1', 'GatewayStarted');
  const network = new LiveNetwork();
  const aside: number[] = [];
  const done = Promise.withResolvers<void>();
  const feed = new NetworkFeed({
    store,
    network,
    onError: done.reject,
    onSetAside({ revision }) {
      aside.push(revision);
      if (revision === 3) done.resolve();
    },
  });
  opened.push(store, feed, { close: async () => network.close() });
  feed.meet({ region: 'ie1', gateway: 'gw1' });
  network.linked({ region: 'ie1', gateway: 'gw1' });
  await feed.read();
  await append(store, 'gateway-ie1-gw1', 'GatewayStarted', { trunks: 5 });
  await done.promise;
  expect(aside).toEqual([0, 3]);
  expect(network.current().regions).toMatchObject([
    { name: 'ie1', gateways: [{ name: 'gw1', capacity: 10 }] },
  ]);
});
