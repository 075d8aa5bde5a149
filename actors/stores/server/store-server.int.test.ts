import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { EventStore } from '../event-store/event-store.ts';
import { openKurrentEventStore } from '../kurrent/kurrent-event-store.ts';
import { openSqliteEventStore } from '../sqlite/sqlite-event-store.ts';
import { createCollector } from '../testing/collector.ts';
import { idsOf, listOf, testEvent, testEvents } from '../testing/events.ts';
import { eventStoreLog } from './event-store-log.ts';
import { startStoreServer } from './store-server.ts';

const opened: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

async function served(file: EventStore = openSqliteEventStore({ file: ':memory:' })) {
  opened.push(() => file.close());
  const errors: unknown[] = [];
  const server = await startStoreServer({
    log: eventStoreLog(file),
    onError: (error) => errors.push(error),
  });
  opened.push(() => server.close());
  const open = (): EventStore => {
    const store = openKurrentEventStore({ connectionString: server.connectionString, maxPause: 50 });
    opened.push(() => store.close());
    return store;
  };
  return { file, server, open, errors };
}

describe('a store server', () => {
  it('gives everybody the same events, exactly as they were given', async () => {
    const { file, open } = await served();
    const [one, other] = [open(), open()];
    const collector = createCollector();
    const subscription = other.subscribeToAll('start', collector.handler);
    const events = testEvents(3);
    await one.append('call-1', 'no-stream', events);
    await collector.count(3);
    await subscription.stop();
    const without = ({ position: _, ...event }: { position: string }) => event;
    const [here, there] = [await listOf(file.readAll()), await listOf(other.readAll())];
    expect(there.map(without)).toEqual(here.map(without));
    expect(idsOf(collector.events)).toEqual(idsOf(events));
  });

  it('lets one of two be first', async () => {
    const { open } = await served();
    const outcomes = await Promise.allSettled(
      [open(), open()].map((store) => store.append('call-1', 'no-stream', testEvents(1))),
    );
    const refused = outcomes.filter((one): one is PromiseRejectedResult => one.status === 'rejected');
    expect(refused).toHaveLength(1);
    expect(refused[0]!.reason).toMatchObject({ code: 'store.wrong-revision' });
  });

  it('keeps the connection of who leaves thousands of reads early', async () => {
    const { open } = await served();
    const store = open();
    await store.append('call-1', 'no-stream', testEvents(600));
    const left = async (events: AsyncIterable<{ revision: number }>): Promise<number> => {
      for await (const { revision } of events) return revision;
      return -1;
    };
    for (let round = 0; round < 10; round++) {
      const reads = Array.from({ length: 150 }, (_, at) =>
        left(at % 2 === 0 ? store.readStream('call-1') : store.readAll({ direction: 'backwards' })),
      );
      expect(new Set(await Promise.all(reads))).toEqual(new Set([0, 599]));
    }
    expect(await store.append('call-2', 'no-stream', testEvents(1))).toMatchObject({ revision: 0 });
  });

  it('is asked for no more than a read with a limit needs', async () => {
    const file = openSqliteEventStore({ file: ':memory:' });
    opened.push(() => file.close());
    const log = eventStoreLog(file);
    const asked: number[] = [];
    const server = await startStoreServer({
      log: {
        ...log,
        read(query) {
          asked.push(query.limit);
          return log.read(query);
        },
      },
    });
    opened.push(() => server.close());
    const store = openKurrentEventStore({ connectionString: server.connectionString });
    opened.push(() => store.close());
    await store.append('call-1', 'no-stream', testEvents(900));
    const read = await listOf(store.readAll({ direction: 'backwards', limit: 3 }));
    expect(await listOf(store.readAll({ after: read[2]!.position, limit: 2 }))).toHaveLength(2);
    expect(await listOf(store.readStream('call-1', { limit: 500 }))).toHaveLength(500);
    expect(asked).toEqual([4, 3, 50, 451]);
  });

  it('commits what comes together together', async () => {
    const { open } = await served();
    const store = open();
    await store.append('first', 'no-stream', testEvents(1));
    const appends = Array.from({ length: 500 }, (_, index) =>
      store.append(`leg-${index}`, 'no-stream', testEvents(2)),
    );
    const appended = await Promise.all(appends);
    expect(new Set(appended.map(({ position }) => position)).size).toBe(500);
    expect(await listOf(store.readAll())).toHaveLength(1001);
  });

  it('says what it cannot keep, and goes on', async () => {
    const { file, open, errors } = await served();
    const store = open();
    await expect(store.append('a', 'any', [testEvent({ text: 'x'.repeat(2 ** 20) })])).rejects.toMatchObject({
      code: 'store.invalid-append',
    });
    await file.close();
    await expect(store.append('a', 'any', testEvents(1))).rejects.toMatchObject({
      code: 'store.unavailable',
    });
    expect(errors).toEqual([]);
  });

  it('writes what was under way when it is closed, and nothing after that', async () => {
    const { file, server, open } = await served();
    const store = open();
    await store.append('first', 'no-stream', testEvents(1));
    const id = randomUUID();
    const written = store.append('leg-1', 'no-stream', [{ ...testEvent(), id }]).catch(() => 'cut');
    await server.close();
    const stored = (await listOf(file.readAll())).map((event) => event.id);
    if ((await written) !== 'cut') expect(stored).toContain(id);
    await expect(store.append('leg-2', 'no-stream', testEvents(1))).rejects.toMatchObject({
      code: 'store.unavailable',
    });
    expect(await listOf(file.readStream('leg-2'))).toEqual([]);
  });

  it.each(['0.0.0.0', '192.0.2.1', 'localhost'])('does not listen on %s', async (host) => {
    const file = openSqliteEventStore({ file: ':memory:' });
    opened.push(() => file.close());
    await expect(startStoreServer({ log: eventStoreLog(file), host })).rejects.toMatchObject({
      code: 'store.listen-failed',
    });
  });
});
