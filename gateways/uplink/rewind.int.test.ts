import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { LinkTls } from '@tandem/actors/peers';
import { makeCertificates } from '@tandem/actors/peers/testing/make-certificates.ts';
import { ShippedEvents } from '@tandem/actors/router';
import type { EventStore } from '@tandem/actors/stores/event-store';
import { openSqliteEventStore } from '@tandem/actors/stores/sqlite';
import {
  event,
  eventsOf,
  keptCheckpoints,
  recordingLog,
  startClient,
  startServer,
} from './testing/link-pair.ts';

let certificates: Record<string, LinkTls>;
beforeAll(async () => {
  certificates = await makeCertificates();
});

const opened: { close(): Promise<void> }[] = [];
const closing = <T extends { close(): Promise<void> }>(one: T): T => {
  opened.push(one);
  return one;
};
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

const openStore = (): EventStore => closing(openSqliteEventStore({ file: ':memory:' }));

/** Appends to streams in turn. */
async function append(journal: EventStore, ...streams: string[]): Promise<void> {
  for (const stream of streams) await journal.append(stream, 'any', [event()]);
}

/** Copies events to a store, as a backup has them. */
async function restored(journal: EventStore, count: number): Promise<EventStore> {
  const store = openStore();
  const shipped = new ShippedEvents(store);
  for (const one of (await eventsOf(journal)).slice(0, count)) await shipped.store([one]);
  return store;
}

/** A main region of some routers with a store that can be replaced, and a gateway that ships to it. */
async function given(routers: readonly string[] = ['r1']) {
  const journal = openStore();
  let store = openStore();
  let shipped = new ShippedEvents(store);
  const servers = new Map<string, string>();
  for (const router of routers) {
    const server = await startServer(
      certificates,
      { onEvents: async (_from, events) => void (await shipped.store(events)) },
      { router },
    );
    closing(server);
    servers.set(router, `127.0.0.1:${server.port}`);
  }
  const log = recordingLog();
  const marks = new Map<string, string>();
  const start = (from = journal) =>
    startClient(certificates, Object.fromEntries(servers), {
      journal: from,
      log,
      checkpoints: keptCheckpoints(marks),
    });
  return {
    journal,
    log,
    marks,
    start,
    replace(other: EventStore) {
      store = other;
      shipped = new ShippedEvents(store);
    },
    /** Resolves when the store has all that the journal has, each stream in its order, and the mark says so. */
    async settled(): Promise<void> {
      const byStream = async (of: EventStore) =>
        Object.groupBy(
          (await eventsOf(of)).map(({ stream, revision, id }) => ({ stream, revision, id })),
          (one) => one.stream,
        );
      const all = await eventsOf(journal);
      while (marks.get('shipped main') !== all.at(-1)!.position) await new Promise(setImmediate);
      expect(await byStream(store)).toEqual(await byStream(journal));
    },
  };
}

const warnings = (log: ReturnType<typeof recordingLog>, code: string): number =>
  log.lines.filter((line) => line.code === code).length;

describe('a journal whose events are not in the main region any more', () => {
  it.each([0, 3])('is shipped again from its beginning to a store that has %d of them', async (count) => {
    const { journal, log, start, replace, settled } = await given();
    await append(journal, 'leg-1', 'leg-2', 'leg-1', 'leg-2', 'leg-1');
    closing(await start());
    await settled();
    replace(await restored(journal, count));
    await append(journal, 'leg-1', 'leg-3');
    expect(await log.says('link.events-missing')).toContain('leg-1');
    await settled();
    expect(warnings(log, 'link.events-missing')).toBe(1);
  });

  it('is shipped again by a process that knows only how far the one before had come', async () => {
    const { journal, log, start, replace, settled } = await given();
    await append(journal, 'leg-1', 'leg-1');
    const before = await start();
    await settled();
    await before.close();
    replace(openStore());
    await append(journal, 'leg-1');
    closing(await start());
    await settled();
    expect(warnings(log, 'link.events-missing')).toBe(1);
  });

  it('is shipped again as often as the store is replaced', async () => {
    const { journal, log, start, replace, settled } = await given();
    await append(journal, 'leg-1');
    closing(await start());
    for (const times of [1, 2, 3]) {
      await settled();
      replace(openStore());
      await append(journal, 'leg-1');
      await settled();
      expect(warnings(log, 'link.events-missing')).toBe(times);
    }
  });

  it('is shipped again once, though several routers miss something', async () => {
    const { journal, log, start, replace, settled } = await given(['r1', 'r2', 'r3']);
    const legs = Array.from({ length: 9 }, (_, leg) => `leg-${leg}`);
    for (const [at, stream] of legs.entries())
      await journal.append(stream, 'any', [
        {
          ...event(),
          type: 'LegOffered',
          correlation: `CA${at}`,
          data: { router: `main/r${(at % 3) + 1}` },
        },
      ]);
    const more = async () => {
      for (const [at, stream] of legs.entries())
        await journal.append(stream, 'any', [{ ...event(), correlation: `CA${at}` }]);
    };
    await more();
    closing(await start());
    await settled();
    replace(openStore());
    await more();
    await settled();
    expect(warnings(log, 'link.events-missing')).toBe(1);
  });

  it('is given up, and this said once, when its own beginning is missing', async () => {
    const { journal, log, marks, start } = await given();
    // What was before was taken out of the journal.
    await append(journal, 'leg-1', 'leg-1', 'leg-1');
    const pruned = new Proxy(journal, {
      get: (store, key) =>
        key === 'subscribeToAll'
          ? (from: unknown, handler: Parameters<EventStore['subscribeToAll']>[1]) =>
              store.subscribeToAll(from === 'start' ? { after: '1' } : (from as never), handler)
          : Reflect.get(store, key).bind(store),
    });
    marks.set('shipped main', '2');
    const client = await start(pruned);
    const lines = () => log.lines.filter(({ code }) => code === 'link.events-missing');
    while (lines().length < 2) await new Promise(setImmediate);
    expect(lines().map(({ level }) => level)).toEqual(['warn', 'error']);
    await client.close();
    expect(marks.get('shipped main')).toBe('');
  });
});
