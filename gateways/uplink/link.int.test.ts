import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { LinkServer } from '@tandem/actors/link';
import type { LinkTls } from '@tandem/actors/peers';
import { limits } from '@tandem/actors/peers';
import { makeCertificates } from '@tandem/actors/peers/testing/make-certificates.ts';
import type { EventStore } from '@tandem/actors/stores/event-store';
import { MOST_APPENDED } from '@tandem/actors/stores/event-store';
import { openSqliteEventStore } from '@tandem/actors/stores/sqlite';
import fc from 'fast-check';
import { startCuttingProxy } from './testing/cutting-proxy.ts';
import {
  appendTo,
  command,
  createCentral,
  event,
  eventsOf,
  GATEWAY,
  keptCheckpoints,
  recordingLog,
  signal,
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

const openJournal = (): EventStore => closing(openSqliteEventStore({ file: ':memory:' }));
const addressOf = (server: LinkServer): string => `127.0.0.1:${server.port}`;

describe('journal over the link', () => {
  it('ships what is there and what comes, in order, and notes what is durable', async () => {
    const central = createCentral();
    const journal = openJournal();
    await appendTo(journal, 2);
    const server = closing(await startServer(certificates, central));
    const noted = signal();
    const client = closing(
      await startClient(certificates, addressOf(server), {
        journal,
        checkpoints: {
          ...keptCheckpoints(),
          async save(name, position) {
            if (name === 'shipped main' && position === '3') noted.fire();
          },
        },
      }),
    );
    await central.holds(2);
    await appendTo(journal, 1);
    await noted.fired;
    expect(client.awayFor()).toBe(0);
    expect(central.events).toEqual(await eventsOf(journal));
  });

  it('delivers exactly the journal, however often and wherever connections break', async () => {
    let connections = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 100, max: 40_000 }), { maxLength: 10 }),
        fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 12 }),
        async (lives, appends) => {
          const central = createCentral();
          const journal = openSqliteEventStore({ file: ':memory:' });
          const server = await startServer(certificates, {
            ...central,
            // Some batches are still being stored when the connection that brought them breaks.
            async onEvents(from, events) {
              await new Promise((resolve) => setImmediate(resolve));
              await central.onEvents(from, events);
            },
          });
          const proxy = await startCuttingProxy(
            () => server.port,
            () => lives.shift() ?? Number.POSITIVE_INFINITY,
          );
          const client = await startClient(certificates, proxy.address, { journal });
          for (const count of appends) await appendTo(journal, count);
          await central.holds(appends.reduce((sum, count) => sum + count, 0));
          connections += proxy.accepted;
          await client.close();
          await proxy.close();
          await server.close();
          expect(central.events).toEqual(await eventsOf(journal));
          await journal.close();
        },
      ),
      { numRuns: 20, seed: 1 },
    );
    expect(connections).toBeGreaterThan(60);
  });

  it('carries a large backlog', async () => {
    const central = createCentral();
    const journal = openJournal();
    await appendTo(journal, 12_000);
    const server = closing(await startServer(certificates, central));
    closing(await startClient(certificates, addressOf(server), { journal }));
    await central.holds(12_000);
    expect(central.events).toEqual(await eventsOf(journal));
  });

  it('waits for a main region that is away at the start', async () => {
    const central = createCentral();
    const journal = openJournal();
    await appendTo(journal, 3);
    let port = 1;
    const proxy = closing(await startCuttingProxy(() => port));
    const log = recordingLog();
    closing(await startClient(certificates, proxy.address, { journal, log }));
    await log.says('link.lost');
    const server = closing(await startServer(certificates, central));
    port = server.port;
    await central.holds(3);
    expect(central.events).toEqual(await eventsOf(journal));
  });

  it('sends no more than the window while nothing is acknowledged, and goes on afterwards', async () => {
    const central = createCentral();
    const journal = openJournal();
    const total = limits.windowEvents + 2500;
    await appendTo(journal, total);
    const full = signal();
    const release = signal();
    let handedOver = 0;
    const server = closing(
      await startServer(certificates, {
        ...central,
        async onEvents(from, events) {
          handedOver += events.length;
          if (handedOver === limits.windowEvents) full.fire();
          await release.fired;
          await central.onEvents(from, events);
        },
      }),
    );
    const lost: string[] = [];
    closing(
      await startClient(certificates, addressOf(server), {
        journal,
        onLost: (_router, code) => lost.push(code),
      }),
    );
    await full.fired;
    // A command and its answer go past the journal, which shows that the stream itself is not held up.
    await server.command(GATEWAY, command('leg-1'));
    expect(handedOver).toBe(limits.windowEvents);
    release.fire();
    await central.holds(total);
    expect(central.events).toEqual(await eventsOf(journal));
    expect(lost).toEqual([]);
  });

  it('sends again what the main region could not store', async () => {
    const central = createCentral();
    const journal = openJournal();
    let failures = 2;
    const server = closing(
      await startServer(certificates, {
        ...central,
        async onEvents(from, events) {
          if (failures-- > 0) throw new Error('disk full');
          await central.onEvents(from, events);
        },
      }),
    );
    const codes: string[] = [];
    closing(
      await startClient(certificates, addressOf(server), {
        journal,
        onLost: (_router, code) => codes.push(code),
      }),
    );
    await appendTo(journal, 5);
    await central.holds(5);
    expect(codes).toEqual(['link.not-durable', 'link.not-durable']);
    expect(central.events).toEqual(await eventsOf(journal));
  });

  it('goes on when the main region was started anew', async () => {
    const central = createCentral();
    const journal = openJournal();
    const before = await startServer(certificates, central);
    let port = before.port;
    const proxy = closing(await startCuttingProxy(() => port));
    const lost = signal<string>();
    closing(
      await startClient(certificates, proxy.address, { journal, onLost: (_router, code) => lost.fire(code) }),
    );
    await appendTo(journal, 4);
    await central.holds(4);
    await before.close();
    expect(await lost.fired).toBe('link.closing');
    await appendTo(journal, 4);
    const after = closing(await startServer(certificates, central, { node: 'main-2' }));
    port = after.port;
    await central.holds(8);
    expect(central.events).toEqual(await eventsOf(journal));
  });

  it('says which event is too large to travel', async () => {
    const central = createCentral();
    const kept = openJournal();
    await kept.append('leg-1', 'any', [event()]);
    const large = { timer: 'x'.repeat(limits.eventBytes) };
    // As an earlier release took it.
    const journal: typeof kept = {
      ...kept,
      subscribeToAll: (from, handler) => kept.subscribeToAll(from, (one) => handler({ ...one, data: large })),
    };
    const server = closing(await startServer(certificates, central));
    const log = recordingLog();
    closing(await startClient(certificates, addressOf(server), { journal, log }));
    expect(await log.says('link.event-too-large')).toContain('of stream leg-1');
  });

  it('carries events of the largest size', async () => {
    const central = createCentral();
    const journal = openJournal();
    for (let count = 0; count < 6; count += 1)
      await journal.append('leg-1', 'any', [event('ie1', 'x'.repeat(MOST_APPENDED - 1000))]);
    const server = closing(await startServer(certificates, central));
    closing(await startClient(certificates, addressOf(server), { journal }));
    await central.holds(6);
    expect(central.events).toEqual(await eventsOf(journal));
  });
});

describe('commands over the link', () => {
  it('brings a command to the region and its answer back', async () => {
    const server = closing(await startServer(certificates, createCentral()));
    const taken: unknown[] = [];
    const up = signal<{ main: string }>();
    closing(
      await startClient(certificates, addressOf(server), {
        journal: openJournal(),
        onConnected: up.fire,
        async onCommand(one) {
          taken.push(one);
          return { accepted: false };
        },
      }),
    );
    expect(await up.fired).toEqual({ main: 'main', router: 'main/r1', node: 'main-1', version: '0.1.0' });
    const sent = command('leg-7');
    expect(await server.command(GATEWAY, sent)).toEqual({ accepted: false });
    expect(taken).toEqual([sent]);
    expect(server.gateways()).toEqual([{ ...GATEWAY, node: 'ie1-1', version: '0.1.0', waiting: 0 }]);
  });

  it('answers with the code of what went wrong in the region', async () => {
    const server = closing(await startServer(certificates, createCentral()));
    closing(
      await startClient(certificates, addressOf(server), {
        journal: openJournal(),
        async onCommand() {
          throw new Error('the gateway is gone');
        },
      }),
    );
    expect(await server.command(GATEWAY, command('leg-1'))).toEqual({
      accepted: false,
      code: 'runtime.unexpected',
      message: 'the gateway is gone',
    });
  });

  it('carries each out once and in order for its actor, however often connections break', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 100, max: 20_000 }), { maxLength: 10 }), async (lives) => {
        const journal = openSqliteEventStore({ file: ':memory:' });
        const server = await startServer(certificates, createCentral());
        const proxy = await startCuttingProxy(
          () => server.port,
          () => lives.shift() ?? Number.POSITIVE_INFINITY,
        );
        const taken = new Map<string, string[]>();
        const client = await startClient(certificates, proxy.address, {
          journal,
          async onCommand({ id, stream }) {
            taken.set(stream, [...(taken.get(stream) ?? []), id]);
            await new Promise((resolve) => setImmediate(resolve));
            return { accepted: true, message: id };
          },
        });
        const sent = Array.from({ length: 300 }, (_, index) => command(`leg-${index % 7}`));
        const results = await Promise.all(sent.map((one) => server.command(GATEWAY, one)));
        await client.close();
        await proxy.close();
        await server.close();
        await journal.close();
        expect(results).toEqual(sent.map(({ id }) => ({ accepted: true, message: id })));
        for (const [stream, ids] of taken)
          expect(ids).toEqual(sent.filter((one) => one.stream === stream).map(({ id }) => id));
      }),
      { numRuns: 12, seed: 2 },
    );
  });

  it('keeps as many commands as it may until the region is there', async () => {
    const server = closing(await startServer(certificates, createCentral(), { commandsWaiting: 2 }));
    const waiting = [command('leg-1'), command('leg-1')].map((one) => server.command(GATEWAY, one));
    const another = { ...command('leg-2'), type: 'LegRequested', data: {} };
    await expect(server.command(GATEWAY, another)).rejects.toMatchObject({ code: 'link.region-busy' });
    closing(await startClient(certificates, addressOf(server), { journal: openJournal() }));
    expect(await Promise.all(waiting)).toEqual([{ accepted: true }, { accepted: true }]);
  });

  it('gives a command up when its time is over', async () => {
    const server = closing(await startServer(certificates, createCentral(), { commandExpiry: 10 }));
    await expect(server.command(GATEWAY, command('leg-1'))).rejects.toMatchObject({
      code: 'link.region-unreachable',
    });
  });
});

describe('who may use the link', () => {
  it('refuses a region whose certificate is for another', async () => {
    const server = closing(await startServer(certificates, createCentral()));
    const log = recordingLog();
    const client = closing(
      await startClient(certificates, addressOf(server), {
        journal: openJournal(),
        tls: certificates.us1!,
        log,
      }),
    );
    expect(await log.says('link.identity')).toContain('calls itself "ie1", but its certificate is for "us1"');
    expect(client.awayFor()).toBeGreaterThan(0);
    expect(server.gateways()).toEqual([]);
  });

  it('lets nobody in whom another authority vouches for', async () => {
    const others = await makeCertificates();
    const server = closing(await startServer(certificates, createCentral()));
    const strangeRegion = recordingLog();
    const tls = { ...others.ie1!, ca: certificates.ie1!.ca };
    closing(
      await startClient(certificates, addressOf(server), { journal: openJournal(), tls, log: strangeRegion }),
    );
    await strangeRegion.says('link.lost');
    const strangeMain = recordingLog();
    closing(await startClient(others, addressOf(server), { journal: openJournal(), log: strangeMain }));
    expect(await strangeMain.says('link.lost')).toMatch(/certificate/);
    expect(server.gateways()).toEqual([]);
  });

  it('insists on the name of the main region', async () => {
    const server = closing(
      await startServer(certificates, createCentral(), { tls: certificates.us1!, main: 'main' }),
    );
    const log = recordingLog();
    closing(await startClient(certificates, addressOf(server), { journal: openJournal(), log }));
    expect(await log.says('link.lost')).toMatch(/main/);
  });
});

describe('the life of a link', () => {
  it('lets the newer of two streams of a region replace the older one', async () => {
    const up: string[] = [];
    const down: string[] = [];
    const server = closing(
      await startServer(certificates, createCentral(), {
        onGatewayUp: ({ node }) => up.push(node),
        onGatewayDown: (_peer, { code }) => down.push(code),
      }),
    );
    const connected = signal<unknown>();
    const lost = signal<string>();
    closing(
      await startClient(certificates, addressOf(server), {
        journal: openJournal(),
        onConnected: connected.fire,
        onLost: (_router, code) => lost.fire(code),
      }),
    );
    await connected.fired;
    const second = signal<unknown>();
    closing(
      await startClient(certificates, addressOf(server), {
        journal: openJournal(),
        node: 'ie1-2',
        onConnected: second.fire,
      }),
    );
    expect(await lost.fired).toBe('link.replaced');
    await second.fired;
    expect(up).toEqual(['ie1-1', 'ie1-2']);
    expect(down).toEqual(['link.replaced']);
    expect(server.gateways().map(({ node }) => node)).toEqual(['ie1-2']);
  });

  it('notices on both sides that the other has gone silent, and recovers', async () => {
    const central = createCentral();
    const down = signal<string>();
    const server = closing(
      await startServer(certificates, central, { onGatewayDown: (_peer, { code }) => down.fire(code) }),
    );
    const proxy = closing(await startCuttingProxy(() => server.port));
    const journal = openJournal();
    const lost = signal<string>();
    const connected = signal<unknown>();
    closing(
      await startClient(certificates, proxy.address, {
        journal,
        onConnected: connected.fire,
        onLost: (_router, code) => lost.fire(code),
      }),
    );
    await connected.fired;
    proxy.blackHole(true);
    expect(await Promise.all([lost.fired, down.fired])).toEqual(['link.silent', 'link.silent']);
    await appendTo(journal, 2);
    proxy.blackHole(false);
    await central.holds(2);
  });

  it('brings what a gateway says last before it closes', async () => {
    const last = signal<object>();
    const server = closing(
      await startServer(certificates, createCentral(), {
        onReport: (_peer, report) => last.fire(report),
      }),
    );
    const connected = signal<unknown>();
    const lost = signal<string>();
    const client = await startClient(certificates, addressOf(server), {
      journal: openJournal(),
      onConnected: connected.fire,
      onLost: (_router, code) => lost.fire(code),
    });
    await connected.fired;
    const report = { legs: 0, draining: true, services: [], trunks: [], routes: [], worst: [] };
    client.report(report);
    await client.close();
    expect(await last.fired).toEqual(report);
    expect(await lost.fired).toBe('link.closed');
  });

  it('tells a main region at once that a region has gone', async () => {
    const down = signal<string>();
    const server = closing(
      await startServer(certificates, createCentral(), {
        pingInterval: 60_000,
        onGatewayDown: (_peer, { code }) => down.fire(code),
      }),
    );
    const connected = signal<unknown>();
    const client = await startClient(certificates, addressOf(server), {
      journal: openJournal(),
      onConnected: connected.fire,
    });
    await connected.fired;
    await client.close();
    expect(await down.fired).toBe('link.lost');
    expect(server.gateways()).toEqual([]);
  });
});
