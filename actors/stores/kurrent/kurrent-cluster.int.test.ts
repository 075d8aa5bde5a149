import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { EventStore } from '../event-store/event-store.ts';
import { failureOf } from '../testing/contract/subject.ts';
import { idsOf, listOf, testEvent, testEvents } from '../testing/events.ts';
import { createKurrentTestLog } from '../testing/kurrent-test-log.ts';
import {
  type KurrentTestCluster,
  startKurrentTestCluster,
  startKurrentTestServer,
} from '../testing/kurrent-test-server.ts';
import { openKurrentEventStore } from './kurrent-event-store.ts';

let cluster: KurrentTestCluster;
let store: EventStore;
beforeEach(async () => {
  cluster = await startKurrentTestCluster();
  // A machine that has much to do is not to be the reason why a leader is not found in time.
  store = openKurrentEventStore({ connectionString: cluster.connectionString, timeout: 60_000 });
});
afterEach(async () => {
  await store.close();
  cluster.close();
});

describe('a cluster whose leader dies', () => {
  it.each(['silent', 'not-ready'] as const)(
    'takes every append once, and in order, when another one leads (%s)',
    async (how) => {
      const streams = ['one', 'two', 'three'];
      const events = new Map(streams.map((stream) => [stream, testEvents(40)]));
      const writing = streams.map(async (stream) => {
        for (const [at, event] of events.get(stream)!.entries()) {
          if (stream === 'one' && at % 10 === 5) {
            cluster.loseLeader(how);
            setImmediate(() => void cluster.elect());
          }
          await store.append(stream, at === 0 ? 'no-stream' : at - 1, [event]);
        }
      });
      await Promise.all(writing);
      for (const stream of streams)
        expect(idsOf(await listOf(store.readStream(stream)))).toEqual(idsOf(events.get(stream)!));
    },
  );

  it('has an append once whose answer was lost with it', async () => {
    await store.append('stream', 'no-stream', testEvents(1));
    const many = Array.from({ length: 50 }, (_, at) => ({ stream: `stream-${at}`, event: testEvent() }));
    const appended = many.map(({ stream, event }) => store.append(stream, 'no-stream', [event]));
    setImmediate(() => {
      cluster.loseLeader('not-ready');
      void cluster.elect();
    });
    for (const { revision } of await Promise.all(appended)) expect(revision).toBe(0);
    for (const { stream, event } of many)
      expect(idsOf(await listOf(store.readStream(stream)))).toEqual([event.id]);
  });

  it('has a stream deleted that was to be deleted meanwhile', async () => {
    await store.append('stream', 'no-stream', testEvents(2));
    cluster.loseLeader('silent');
    const deleted = store.delete('stream', 1);
    await cluster.elect();
    await deleted;
    expect((await failureOf(listOf(store.readStream('stream')))).code).toBe('store.stream-deleted');
  });

  it('has everything that came while all nodes were away', async () => {
    await store.append('before', 'no-stream', testEvents(1));
    cluster.leave();
    const events = testEvents(20);
    const appended = events.map((event, at) => store.append(`stream-${at}`, 'no-stream', [event]));
    await new Promise(setImmediate);
    await cluster.comeBack();
    await Promise.all(appended);
    for (const [at, event] of events.entries())
      expect(idsOf(await listOf(store.readStream(`stream-${at}`)))).toEqual([event.id]);
  });
});

describe('a node that is alone', () => {
  it('is waited for when it is away, also by an append that is the first of all', async () => {
    const { port, stop } = await startKurrentTestServer();
    stop();
    const own = openKurrentEventStore({
      connectionString: `esdb://127.0.0.1:${port}?tls=false`,
      timeout: 60_000,
    });
    const events = testEvents(2);
    const first = own.append('stream', 'no-stream', [events[0]!]);
    let over = false;
    void first.finally(() => {
      over = true;
    });
    // Several attempts have failed by then, the second of them on a connection of its own.
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(over).toBe(false);
    const server = await startKurrentTestServer({ port });
    await first;
    await own.append('stream', 0, [events[1]!]);
    expect(idsOf(await listOf(own.readStream('stream')))).toEqual(idsOf(events));
    await own.close();
    server.stop();
  });
});

describe('what a server refuses', () => {
  const opened: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of opened.splice(0).reverse()) await close();
  });

  /** A store and how often its server was asked to append or delete. */
  async function counted(habits: Parameters<typeof startKurrentTestServer>[0] = {}) {
    const log = createKurrentTestLog();
    const counts = { asked: 0 };
    const server = await startKurrentTestServer({
      log: {
        ...log,
        append(...what) {
          counts.asked += 1;
          return log.append(...what);
        },
        tombstone(...what) {
          counts.asked += 1;
          return log.tombstone(...what);
        },
      },
      ...habits,
    });
    opened.push(() => server.stop());
    const own = openKurrentEventStore({ connectionString: server.connectionString });
    opened.push(() => own.close());
    return { own, counts, server };
  }

  it.each([true, false])('is not asked again (BatchAppend %s)', async (batchAppend) => {
    const { own, counts } = await counted({ batchAppend });
    await own.append('stream', 'no-stream', testEvents(1));
    expect((await failureOf(own.append('stream', 'no-stream', testEvents(1)))).code).toBe(
      'store.wrong-revision',
    );
    expect((await failureOf(own.delete('stream', 7))).code).toBe('store.wrong-revision');
    await own.delete('stream', 0);
    expect((await failureOf(own.append('stream', 0, testEvents(1)))).code).toBe('store.stream-deleted');
    expect((await failureOf(own.delete('stream', 'any'))).code).toBe('store.stream-deleted');
    expect(counts.asked).toBe(6);
  });

  it('is named when it is a right: the one that is missing, and how it is granted', async () => {
    const { own } = await counted({ deniesAll: true });
    const { code, message } = await failureOf(listOf(own.readAll()));
    expect(code).toBe('store.access-denied');
    expect(message).toContain('read $all');
    expect(message).toContain('POST /streams/%24all/metadata of {"$acl":{"$r":["GROUP","$admins"]}}');
    const subscription = own.subscribeToAll('start', () => {});
    expect((await failureOf(subscription.ended)).code).toBe('store.access-denied');
  });

  it('is named by its kind when it has no text', async () => {
    // The same append is on its way for as long as both are tried.
    const log = createKurrentTestLog();
    const stuck = { ...log, append: () => new Promise<never>(() => {}) };
    const server = await startKurrentTestServer({ log: stuck, writeTimeout: 1 });
    opened.push(() => server.stop());
    const other = openKurrentEventStore({ connectionString: server.connectionString, timeout: 200 });
    opened.push(() => other.close());
    const events = testEvents(1);
    const failures = [
      failureOf(other.append('s', 'any', events)),
      failureOf(other.append('s', 'any', events)),
    ];
    for (const { code, params } of await Promise.all(failures)) {
      expect(code).toBe('store.unavailable');
      expect(String(params.detail)).toMatch(/(DeadlineExceededError|it did not answer .*)$/);
    }
  });

  it('is named when it is a file of the address', () => {
    const connectionString = 'esdb://127.0.0.1:2113?tls=true&tlsCAFile=/no/such/ca.crt';
    expect(() => openKurrentEventStore({ connectionString })).toThrow(
      expect.objectContaining({
        code: 'store.unreadable-file',
        params: { option: 'tlsCAFile', file: '/no/such/ca.crt', detail: 'ENOENT' },
      }),
    );
  });
});
