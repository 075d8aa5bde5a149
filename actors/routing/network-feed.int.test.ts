import { afterEach, expect, it } from '@jest/globals';
import type { EventStore, RecordedEvent } from '../stores/event-store.ts';
import { openSqliteEventStore } from '../stores/sqlite-event-store.ts';
import { NetworkFeed } from './network-feed.ts';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

const append = (store: EventStore, stream: string, type: string) =>
  store.append(stream, 'any', [
    {
      ...{ id: crypto.randomUUID(), type, version: 1, time: 1, region: 'ie1', cause: '', correlation: '' },
      data: {},
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
  const feed = new NetworkFeed(
    store,
    {
      take({ stream, type }: Pick<RecordedEvent, 'stream' | 'type'>) {
        taken.push(`${stream} ${type}`);
        if (type === 'RegionStopped') done.resolve();
      },
    },
    (error) => done.reject(error),
  );
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
