import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { LinkServer } from '@tandem/actors/link';
import type { LinkTls } from '@tandem/actors/peers';
import { makeCertificates } from '@tandem/actors/peers/testing/make-certificates.ts';
import { ShippedEvents } from '@tandem/actors/router';
import type { EventStore, NewEvent, RecordedEvent } from '@tandem/actors/stores/event-store';
import { openSqliteEventStore } from '@tandem/actors/stores/sqlite';
import fc from 'fast-check';
import { type CuttingProxy, startCuttingProxy } from './testing/cutting-proxy.ts';
import { eventsOf, keptCheckpoints, startClient, startServer } from './testing/link-pair.ts';

let certificates: Record<string, LinkTls>;
beforeAll(async () => {
  certificates = await makeCertificates();
});

const NAMES = ['r1', 'r2', 'r3'];
const CALLS = 8;

const event = (call: number, type: string, data: object): NewEvent => ({
  id: randomUUID(),
  type,
  version: 1,
  time: 1_700_000_000_000,
  region: 'ie1',
  cause: '',
  correlation: call < 0 ? '' : `CA${call}`,
  data,
});

/** A journal with calls, of which each has a leg that began at some router. */
async function journalOf(calls: number): Promise<EventStore> {
  const journal = openSqliteEventStore({ file: ':memory:' });
  for (let call = 0; call < calls; call++) {
    const router = `main/${NAMES[call % NAMES.length]}`;
    await journal.append(`leg-LE${call}`, 'no-stream', [event(call, 'LegOffered', { router })]);
  }
  return journal;
}

const append = (journal: EventStore, call: number, count: number): Promise<unknown> =>
  journal.append(
    call < 0 ? 'region-ie1' : `leg-LE${call}`,
    'any',
    Array.from({ length: count }, () => event(call, 'TimerRang', { timer: 'ring' })),
  );

/** Routers that share a store, each behind a proxy that cuts its connections. */
async function routers(lives: number[]) {
  const store = openSqliteEventStore({ file: ':memory:' });
  const owners = new Map<string, { router: string; takeovers: number }>();
  const servers = new Map<string, LinkServer>();
  const proxies = new Map<string, CuttingProxy>();
  const gateway = { region: 'ie1', gateway: 'gw1' };
  const start = async (name: string): Promise<void> => {
    const shipped = new ShippedEvents(store);
    const router = `main/${name}`;
    const server = await startServer(
      certificates,
      {
        async onEvents(_from, events) {
          await shipped.store(events);
          // A router that has lost a call says so before it acknowledges what it was told of it.
          for (const { correlation: callSid } of events) {
            const owner = owners.get(callSid);
            if (owner && owner.router !== router) server.owner(gateway, { callSid, ...owner });
          }
        },
      },
      {
        router: name,
        node: randomUUID(),
        async onAdopt(_from, calls) {
          for (const { callSid, from } of calls) {
            const owner = owners.get(callSid) ?? { router: from, takeovers: 0 };
            const next = owner.router === from ? { router, takeovers: owner.takeovers + 1 } : owner;
            owners.set(callSid, next);
            server.owner(gateway, { callSid, ...next });
          }
        },
      },
    );
    servers.set(name, server);
  };
  for (const name of NAMES) {
    await start(name);
    const proxy = await startCuttingProxy(
      () => servers.get(name)?.port ?? 1,
      () => lives.shift() ?? Number.POSITIVE_INFINITY,
    );
    proxies.set(name, proxy);
  }
  return {
    store,
    start,
    addresses: Object.fromEntries([...proxies].map(([name, { address }]) => [name, address])),
    /** Ends a router: with a goodbye, or as a crash does. */
    async end(name: string, goodbye: boolean): Promise<void> {
      const server = servers.get(name);
      if (!server) return;
      if (!goodbye) proxies.get(name)!.blackHole(true);
      servers.delete(name);
      await server.close();
      if (!goodbye) proxies.get(name)!.cut();
    },
    runs: (name: string) => servers.has(name),
    async close(): Promise<void> {
      for (const server of servers.values()) await server.close();
      for (const proxy of proxies.values()) await proxy.close();
    },
  };
}

const byStream = (events: readonly RecordedEvent[]) =>
  new Map(
    [...Map.groupBy(events, ({ stream }) => stream)].map(([stream, own]) => [
      stream,
      own.map(({ id, revision }) => `${revision} ${id}`),
    ]),
  );

describe('a journal that several routers get', () => {
  it('is in their store, all of it and each event once, whatever ends and breaks on the way', async () => {
    const steps = fc.array(
      fc.tuple(
        fc.constantFrom('append', 'append', 'append', 'end', 'crash', 'start', 'region'),
        fc.nat(NAMES.length - 1),
        fc.integer({ min: -1, max: CALLS - 1 }),
        fc.integer({ min: 1, max: 60 }),
      ),
      { minLength: 5, maxLength: 30 },
    );
    const lives = fc.array(fc.integer({ min: 500, max: 20_000 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(steps, lives, async (taken, cuts) => {
        const journal = await journalOf(CALLS);
        const main = await routers([...cuts]);
        const saved = new Map<string, string>();
        const open = () =>
          startClient(certificates, main.addresses, {
            journal,
            grace: 20,
            checkpoints: keptCheckpoints(saved),
          });
        let client = await open();
        for (const [step, which, call, count] of taken) {
          const name = NAMES[which]!;
          if (step === 'append') await append(journal, call, count);
          else if (step === 'region') {
            await client.close();
            client = await open();
          } else if (step === 'start') {
            if (!main.runs(name)) await main.start(name);
          } else await main.end(name, step === 'end');
        }
        for (const name of NAMES) if (!main.runs(name)) await main.start(name);
        const all = await eventsOf(journal);
        const last = all.at(-1)!;
        while (saved.get('shipped main') !== last.position) await new Promise((next) => setTimeout(next, 20));
        expect(byStream(await eventsOf(main.store))).toEqual(byStream(all));
        await client.close();
        await main.close();
        await main.store.close();
        await journal.close();
      }),
      { numRuns: 8, seed: 7 },
    );
  }, 90_000);
});
