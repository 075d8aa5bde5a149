import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { EventStore } from '../event-store/event-store.ts';
import { createCollector } from '../testing/collector.ts';
import { idsOf, listOf, testEvent, testEvents } from '../testing/events.ts';
import { createKurrentTestLog, type Proposed } from '../testing/kurrent-test-log.ts';
import { startKurrentTestServer } from '../testing/kurrent-test-server.ts';
import { type KurrentEventStoreOptions, openKurrentEventStore } from './kurrent-event-store.ts';

const opened: (() => unknown)[] = [];
let over = false;
beforeEach(() => {
  over = false;
});
afterEach(async () => {
  over = true;
  for (const close of opened.splice(0).reverse()) await close();
});

const open = (options: KurrentEventStoreOptions): EventStore => {
  const store = openKurrentEventStore({ maxPause: 100, ...options });
  opened.push(() => store.close());
  return store;
};

const start = async (options: Parameters<typeof startKurrentTestServer>[0] = {}) => {
  const server = await startKurrentTestServer(options);
  opened.push(() => server.stop());
  return server;
};

/** A port on which nothing listens. */
const freePort = async (): Promise<number> => {
  const server = await startKurrentTestServer();
  server.stop();
  return server.port;
};

/** A port on which connections are taken and never answered. */
const silentPort = async (): Promise<number> => {
  const sockets = new Set<Socket>();
  const silent = createServer((socket) => sockets.add(socket));
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  opened.push(() => {
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
  return (silent.address() as { port: number }).port;
};

const foreign = (type: string, contentType: string, data: string): Proposed => ({
  id: randomUUID(),
  metadata: new Map([
    ['type', type],
    ['content-type', contentType],
  ]),
  custom: new Uint8Array(),
  data: Buffer.from(data),
});

/** Does as a caller should who finds the store unavailable: the same again, which an append allows. */
const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (over || (error as { code?: string }).code !== 'store.unavailable') throw error;
    }
  }
};

describe('a Kurrent event store whose connection is lost', () => {
  it('goes on with its subscriptions, leaves nothing out and gives nothing twice', async () => {
    const log = createKurrentTestLog();
    const first = await start({ log });
    const store = open({ connectionString: first.connectionString });
    const [ofAll, ofStream] = [createCollector(), createCollector()];
    const subscriptions = [
      store.subscribeToAll('start', ofAll.handler),
      store.subscribeToStream('leg', 'start', ofStream.handler),
    ];
    const sent: string[] = [];
    let server = first;
    for (let round = 0; round < 4; round += 1) {
      const events = testEvents(30);
      await attempt(() => store.append('leg', round === 0 ? 'no-stream' : round * 31 - 1, events));
      await Promise.all([ofAll.count(sent.length + 10), ofStream.count(sent.length + 10)]);
      server.stop();
      const missed = foreign('LegAnswered', 'application/json', '{"n":0}');
      log.append('leg', 'any', [missed]);
      sent.push(...idsOf(events), missed.id);
      server = await start({ log, port: first.port });
    }
    await Promise.all([ofAll.count(sent.length), ofStream.count(sent.length)]);
    const last = testEvent();
    await attempt(() => store.append('leg', 'any', [last]));
    await Promise.all([ofAll.event(last.id), ofStream.event(last.id)]);
    await Promise.all(subscriptions.map((subscription) => subscription.stop()));
    expect(idsOf(ofAll.events)).toEqual([...sent, last.id]);
    expect(idsOf(ofStream.events)).toEqual([...sent, last.id]);
  });

  it('gives a subscription from the end what was stored before it could connect again', async () => {
    const log = createKurrentTestLog();
    const first = await start({ log });
    const store = open({ connectionString: first.connectionString });
    await store.append('leg', 'no-stream', testEvents(3));
    const collector = createCollector();
    const subscription = store.subscribeToStream('leg', 'end', collector.handler);
    // Answered only once the subscription knows its place, which it was given no event to tell it.
    await store.append('other', 'no-stream', testEvents(1));
    first.stop();
    const missed = foreign('LegAnswered', 'application/json', '{}');
    log.append('leg', 'any', [missed]);
    await start({ log, port: first.port });
    await collector.event(missed.id);
    await subscription.stop();
    expect(idsOf(collector.events)).toEqual([missed.id]);
  });

  it('says so to who appends and reads, with the address and no credentials, and recovers', async () => {
    const port = await freePort();
    const store = open({ connectionString: `esdb://admin:s3cret@127.0.0.1:${port}?tls=false`, timeout: 100 });
    const failures = [
      store.append('leg', 'any', testEvents(1)),
      listOf(store.readStream('leg')),
      listOf(store.readAll()),
      store.delete('leg', 'any'),
    ];
    for (const failure of failures) {
      const error = await failure.then(
        () => undefined,
        (reason) => reason,
      );
      expect(error).toMatchObject({ code: 'store.unavailable' });
      expect(error.message).toContain(`127.0.0.1:${port}`);
      expect(JSON.stringify([error, error.message, error.stack])).not.toContain('s3cret');
    }
    await start({ port });
    expect(await attempt(() => store.append('leg', 'any', testEvents(1)))).toMatchObject({ revision: 0 });
  });

  it('finds a cluster that appears only later', async () => {
    const [port, other] = [await freePort(), await freePort()];
    const options = 'tls=false&maxDiscoverAttempts=1&discoveryInterval=1';
    const store = open({ connectionString: `esdb://127.0.0.1:${port},127.0.0.1:${other}?${options}` });
    const collector = createCollector();
    const subscription = store.subscribeToAll('start', collector.handler);
    await expect(store.append('leg', 'any', testEvents(1))).rejects.toMatchObject({
      code: 'store.unavailable',
    });
    await start({ port });
    const event = testEvent();
    await attempt(() => store.append('leg', 'no-stream', [event]));
    await collector.event(event.id);
    await subscription.stop();
  });

  it('does not wait for ever for a server that does not answer', async () => {
    const port = await silentPort();
    const store = open({ connectionString: `esdb://127.0.0.1:${port}?tls=false`, timeout: 50 });
    await expect(store.append('leg', 'any', testEvents(1))).rejects.toMatchObject({
      code: 'store.unavailable',
      params: { detail: `127.0.0.1:${port}: it did not answer within 50 ms` },
    });
  });

  it('closes although no member of its cluster answers', async () => {
    const [port, other] = [await silentPort(), await silentPort()];
    const store = open({
      connectionString: `esdb://127.0.0.1:${port},127.0.0.1:${other}?tls=false`,
      timeout: 50,
    });
    const subscription = store.subscribeToAll('start', () => {});
    await expect(store.append('leg', 'any', testEvents(1))).rejects.toMatchObject({
      code: 'store.unavailable',
    });
    await store.close();
    await subscription.ended;
  });
});

describe('a Kurrent event store', () => {
  it.each([true, false])('refuses an append that is too large (BatchAppend %s)', async (batchAppend) => {
    const server = await start({ batchAppend, maxAppendSize: 100_000 });
    const store = open({ connectionString: server.connectionString });
    const large = testEvent({ text: 'x'.repeat(100_000) });
    await expect(store.append('leg', 'any', [large])).rejects.toMatchObject({
      code: 'store.invalid-append',
      params: { detail: 'it is larger than the 100000 bytes that the server takes' },
    });
    expect(await store.append('leg', 'any', testEvents(1))).toMatchObject({ revision: 0 });
  });

  it('leaves out what is not ours to read, and reads what others wrote as JSON', async () => {
    const log = createKurrentTestLog();
    const server = await start({ log });
    log.append('theirs', 'any', [
      foreign('Picture', 'application/octet-stream', 'bytes'),
      foreign('Order', 'application/json', '{"a":1}'),
      foreign('$link', 'application/json', '{}'),
    ]);
    log.append('$system', 'any', [foreign('Inner', 'application/json', '{}')]);
    const store = open({ connectionString: server.connectionString });
    const all = await listOf(store.readAll());
    expect(all).toMatchObject([
      {
        stream: 'theirs',
        revision: 1,
        type: 'Order',
        version: 1,
        region: '',
        cause: '',
        correlation: '',
        data: { a: 1 },
      },
    ]);
    const collector = createCollector();
    const subscription = store.subscribeToAll('start', collector.handler);
    await store.append('ours', 'any', testEvents(1));
    await collector.count(2);
    await subscription.stop();
    expect(collector.events.map((event) => event.stream)).toEqual(['theirs', 'ours']);
  });

  it('is known by its newer scheme too', async () => {
    const server = await start();
    const store = open({ connectionString: server.connectionString.replace('esdb:', 'kurrentdb:') });
    expect(await store.append('leg', 'any', testEvents(1))).toMatchObject({ revision: 0 });
  });
});
