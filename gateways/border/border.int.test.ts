import { Client, credentials } from '@grpc/grpc-js';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { LinkServer } from '@tandem/actors/link';
import { connectMethod, type FromMain } from '@tandem/actors/link';
import type { LinkTls } from '@tandem/actors/peers';
import { limits } from '@tandem/actors/peers';
import { makeCertificates } from '@tandem/actors/peers/testing/make-certificates.ts';
import type { EventStore } from '@tandem/actors/stores/event-store';
import { openSqliteEventStore } from '@tandem/actors/stores/sqlite';
import fc from 'fast-check';
import { startCuttingProxy } from '../uplink/testing/cutting-proxy.ts';
import {
  appendTo,
  command,
  createCentral,
  eventsOf,
  recordingLog,
  signal,
  startClient,
  startServer,
} from '../uplink/testing/link-pair.ts';
import { type Border, type BorderOptions, openBorder } from './border.ts';
import { relayMetadata } from './border-method.ts';

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
const addressOf = ({ port }: { port: number }): string => `127.0.0.1:${port}`;

/** The border of a region, with nothing but what a test gives it. */
const startBorder = async (options: Partial<BorderOptions> = {}): Promise<Border> =>
  closing(
    await openBorder({
      region: 'ie1',
      gateway: 'gw1',
      node: 'ie1/gw1-1',
      version: '0.1.0',
      mains: [],
      peers: [],
      address: { host: '127.0.0.1', port: 0 },
      tls: certificates[options.region ?? 'ie1']!,
      pingInterval: 50,
      backoff: { first: 2, most: 20, refused: 20 },
      ...options,
    }),
  );

const relaying = (server: LinkServer): Promise<Border> =>
  startBorder({ mains: [{ name: 'main', address: addressOf(server) }] });

/** A further gateway of the region, behind a border. */
const startBehind = async (
  border: { port: number },
  server: LinkServer,
  options: Parameters<typeof startClient>[2],
) =>
  closing(
    await startClient(certificates, addressOf(server), {
      gateway: 'gw2',
      via: { address: addressOf(border) },
      ...options,
    }),
  );

describe('the relay of a border', () => {
  it('carries a gateway’s journal, reports and commands to the main region', async () => {
    const central = createCentral();
    const journal = openJournal();
    await appendTo(journal, 300);
    const reported = signal<object>();
    const up = signal<object>();
    const server = closing(
      await startServer(certificates, central, {
        onGatewayUp: up.fire,
        onReport: (_peer, report) => reported.fire(report),
      }),
    );
    const border = await relaying(server);
    const connected = signal<unknown>();
    const client = await startBehind(border, server, { journal, onConnected: connected.fire });
    await central.holds(300);
    expect(central.events).toEqual(await eventsOf(journal));
    expect(await up.fired).toMatchObject({ region: 'ie1', gateway: 'gw2' });
    expect(await server.command({ region: 'ie1', gateway: 'gw2' }, command('leg-1'))).toEqual({
      accepted: true,
    });
    await connected.fired;
    const report = { legs: 3, draining: false, services: [], trunks: [], routes: [], worst: [] };
    client.report(report);
    expect(await reported.fired).toEqual(report);
    expect(border.relayed).toBe(1);
  });

  it('delivers exactly the journal, however often and wherever connections break on either side', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 100, max: 40_000 }), { maxLength: 6 }),
        fc.array(fc.integer({ min: 100, max: 40_000 }), { maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 8 }),
        async (nearLives, farLives, appends) => {
          const central = createCentral();
          const journal = openSqliteEventStore({ file: ':memory:' });
          const server = await startServer(certificates, central);
          const far = await startCuttingProxy(
            () => server.port,
            () => farLives.shift() ?? Number.POSITIVE_INFINITY,
          );
          const border = await openBorder({
            region: 'ie1',
            gateway: 'gw1',
            node: 'ie1-1',
            version: '0.1.0',
            peers: [],
            mains: [{ name: 'main', address: far.address }],
            address: { host: '127.0.0.1', port: 0 },
            tls: certificates.ie1!,
          });
          const near = await startCuttingProxy(
            () => border.port,
            () => nearLives.shift() ?? Number.POSITIVE_INFINITY,
          );
          const client = await startClient(certificates, far.address, {
            journal,
            gateway: 'gw2',
            via: { address: near.address },
          });
          for (const count of appends) await appendTo(journal, count);
          await central.holds(appends.reduce((sum, count) => sum + count, 0));
          await client.close();
          await near.close();
          await border.close();
          await far.close();
          await server.close();
          expect(central.events).toEqual(await eventsOf(journal));
          await journal.close();
        },
      ),
      { numRuns: 12, seed: 4 },
    );
  });

  it('takes no more from a gateway than the main region takes from it', async () => {
    const central = createCentral();
    const journal = openJournal();
    await appendTo(journal, limits.windowEvents + 1000);
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
    const border = await relaying(server);
    await startBehind(border, server, { journal });
    await full.fired;
    await server.command({ region: 'ie1', gateway: 'gw2' }, command('leg-1'));
    expect(handedOver).toBe(limits.windowEvents);
    release.fire();
    await central.holds(limits.windowEvents + 1000);
    expect(central.events).toEqual(await eventsOf(journal));
  });

  it('tells the main region at once that a gateway has gone, and the gateway that the main region has', async () => {
    const down = signal<string>();
    const server = await startServer(certificates, createCentral(), {
      pingInterval: 60_000,
      onGatewayDown: (_peer, { code }) => down.fire(code),
    });
    const border = await relaying(server);
    const connected = signal<unknown>();
    const first = await startBehind(border, server, { journal: openJournal(), onConnected: connected.fire });
    await connected.fired;
    await first.close();
    expect(await down.fired).toBe('link.lost');
    const lost = signal<string>();
    const again = signal<unknown>();
    await startBehind(border, server, {
      journal: openJournal(),
      onConnected: again.fire,
      pingInterval: 60_000,
      onLost: (_router, code) => lost.fire(code),
    });
    await again.fired;
    await server.close();
    expect(await lost.fired).toBe('link.closing');
  });

  it('tells a gateway that the main region is not there', async () => {
    const server = await startServer(certificates, createCentral());
    await server.close();
    const border = await relaying(server);
    const log = recordingLog();
    await startBehind(border, server, { journal: openJournal(), log });
    expect(await log.says('link.lost')).toContain('main/r1 is not there');
    expect(border.relayed).toBe(0);
  });

  const hello = { region: 'ie1', gateway: 'gw2', node: 'ie1/gw2-1', version: '0.1.0', protocol: 1 };
  it.each([
    ['a region’s name that is not its own', 'link.identity', 'ie1', { hello: { ...hello, region: 'us1' } }],
    ['another region’s certificate', 'link.identity', 'us1', { hello }],
    [
      'the name of the border’s own gateway',
      'link.bad-message',
      'ie1',
      { hello: { ...hello, gateway: 'gw1' } },
    ],
    [
      'the certificate of another gateway of the region',
      'link.gateway-identity',
      'ie1/gw2',
      { hello: { ...hello, gateway: 'gw3' } },
    ],
    ['no gateway', 'link.bad-message', 'ie1', { hello: { ...hello, gateway: '' } }],
    ['no hello', 'link.bad-message', 'ie1', { ping: {} }],
  ])('refuses a stream with %s with %s', async (_what, code, certificate, message) => {
    const server = closing(await startServer(certificates, createCentral()));
    const border = await relaying(server);
    const { ca, key, cert } = certificates[certificate]!;
    const client = new Client(addressOf(border), credentials.createSsl(ca, key, cert), {
      'grpc.ssl_target_name_override': 'ie1',
    });
    const stream = client.makeBidiStreamRequest(
      connectMethod.path,
      connectMethod.requestSerialize,
      connectMethod.responseDeserialize,
      relayMetadata(addressOf(server)),
    );
    stream.write(message);
    const refused = await new Promise<FromMain>((resolve, reject) => {
      stream.on('data', resolve).on('error', reject);
    });
    expect(refused.refusal?.code).toBe(code);
    client.close();
    expect(server.gateways()).toEqual([]);
  });

  it('relays a gateway with a certificate for itself alone', async () => {
    const server = closing(await startServer(certificates, createCentral()));
    const border = await relaying(server);
    const log = recordingLog();
    await startBehind(border, server, { journal: openJournal(), log, tls: certificates['ie1/gw2']! });
    while (!server.gateways().some(({ gateway }) => gateway === 'gw2')) await new Promise(setImmediate);
  });

  it('relays to the main regions of its configuration only', async () => {
    const server = closing(await startServer(certificates, createCentral()));
    const border = await startBorder({ mains: [{ name: 'main', address: '127.0.0.1:9' }] });
    const log = recordingLog();
    await startBehind(border, server, { journal: openJournal(), log });
    expect(await log.says('border.unknown-main')).toContain(addressOf(server));
  });

  it('lets nobody in whom another authority vouches for', async () => {
    const others = await makeCertificates();
    const server = closing(await startServer(certificates, createCentral()));
    const border = await relaying(server);
    const log = recordingLog();
    const tls = { ...others.ie1!, ca: certificates.ie1!.ca };
    await startBehind(border, server, { journal: openJournal(), log, tls });
    await log.says('link.lost');
    expect(border.relayed).toBe(0);
  });
});

describe('borders of two regions', () => {
  /** Both borders, each with the other's address; the second is started at a port that the first knows. */
  async function pair(options: { ie1?: Partial<BorderOptions>; us1?: Partial<BorderOptions> } = {}) {
    let target = 1;
    const proxy = closing(await startCuttingProxy(() => target));
    const ie1 = await startBorder({ peers: [{ region: 'us1', address: proxy.address }], ...options.ie1 });
    const us1 = await startBorder({
      region: 'us1',
      node: 'us1/gw1-1',
      peers: [{ region: 'ie1', address: addressOf(ie1) }],
      ...options.us1,
    });
    target = us1.port;
    return { ie1, us1, proxy };
  }

  it('know that the other is there, and how far', async () => {
    const [there, here] = [signal<string>(), signal<string>()];
    const { ie1, us1 } = await pair({
      ie1: { onPeerConnected: there.fire },
      us1: { onPeerConnected: here.fire },
    });
    expect([await there.fired, await here.fired]).toEqual(['us1', 'ie1']);
    while (ie1.routes()[0]!.roundTrip === undefined) await new Promise(setImmediate);
    const [route] = ie1.routes();
    expect(route).toMatchObject({ region: 'us1', up: true });
    expect(route!.roundTrip).toBeGreaterThan(0);
    expect(us1.routes()).toMatchObject([{ region: 'ie1', up: true }]);
  });

  it('notice when the other is cut off or silent, and when it is back', async () => {
    const seen: string[] = [];
    const waiting: { count: number; resolve: () => void }[] = [];
    const note = (what: string): void => {
      seen.push(what);
      for (const one of waiting) if (seen.length >= one.count) one.resolve();
    };
    const until = (count: number): Promise<void> => {
      const { promise, resolve } = Promise.withResolvers<void>();
      if (seen.length >= count) resolve();
      waiting.push({ count, resolve });
      return promise;
    };
    const { ie1, proxy } = await pair({
      ie1: {
        onPeerConnected: () => note('connected'),
        onPeerLost: (region, code) => note(`${region} ${code}`),
      },
    });
    await until(1);
    proxy.cut();
    await until(3);
    proxy.blackHole(true);
    await until(4);
    expect(ie1.routes()[0]!.up).toBe(false);
    proxy.cut();
    await until(5);
    expect(seen).toEqual(['connected', 'us1 border.peer-lost', 'connected', 'us1 link.silent', 'connected']);
  });

  it('refuse those that they do not know, and those who are not who they say', async () => {
    const unknown = recordingLog();
    await pair({ us1: { peers: [] }, ie1: { log: unknown } });
    expect(await unknown.says('border.unknown-peer')).toContain('knows no region ie1');
    const stranger = recordingLog();
    await pair({ ie1: { log: stranger, tls: certificates.main! } });
    await stranger.says('link.identity');
    const gateway = recordingLog();
    await pair({ ie1: { log: gateway, tls: certificates['ie1/gw2']! } });
    expect(await gateway.says('link.gateway-identity')).toContain('ie1/gw2 only');
  });
});
