import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { ensureDevelopmentCertificates, loadTls } from '@tandem/actors/peers';
import type { NewEvent } from '@tandem/actors/stores/event-store';
import { openSqliteEventStore } from '@tandem/actors/stores/sqlite';
import { openRouterLinks } from '@tandem/gateways/uplink';
import { keptCheckpoints } from '@tandem/gateways/uplink/testing/link-pair.ts';
import { DIAL, talkThrough } from './harness/attack.ts';
import type { Network } from './harness/network.ts';
import { scenarios } from './harness/stage.ts';

// Who reaches the ports of the link, and who has another region's certificate, beside a conversation that is not to notice.

const HOSTILE = 'de1';

const test = scenarios({ further: {}, mediaApart: true, asksRouting: true, moreRegions: [HOSTILE] });

/** Connections that say nothing, held at once; and how often one is made again in all, after it was turned away. */
const SILENT = 1_000;
const MADE_AGAIN = 1_000;
/** Of an address, that the bound of one address alone does not hold them. */
const OF_ADDRESS = 60;

/** Strangers who keep a port busy: of those who are turned away others come. */
class Strangers {
  readonly #port: number;
  readonly #sockets = new Set<Socket>();
  readonly #busy = Promise.withResolvers<void>();
  #again = MADE_AGAIN;
  #opened = 0;
  #turnedAway = 0;
  #over = false;

  constructor(port: number) {
    this.#port = port;
    for (let i = 0; i < SILENT; i++) this.#open(`127.0.2.${1 + Math.floor(i / OF_ADDRESS)}`);
  }

  /** Those that were ended for having said nothing. */
  get turnedAway(): number {
    return this.#turnedAway;
  }

  /** Resolves when all of them have come. */
  get busy(): Promise<void> {
    return this.#busy.promise;
  }

  #open(localAddress: string): void {
    const socket = connect({ port: this.#port, host: '127.0.0.1', localAddress });
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('connect', () => {
      this.#opened += 1;
      if (this.#opened === SILENT) this.#busy.resolve();
    });
    socket.on('close', () => {
      this.#sockets.delete(socket);
      if (this.#over) return;
      this.#turnedAway += 1;
      this.#again -= 1;
      if (this.#again >= 0) this.#open(localAddress);
    });
  }

  close(): void {
    this.#over = true;
    for (const socket of this.#sockets) socket.destroy();
  }
}

test(
  'a thousand silent connections at each port of the link, while a gateway links again',
  DIAL,
  async (stage) => {
    const strangers: Strangers[] = [];
    try {
      await talkThrough(stage, async (network) => {
        const { linkPort, routingPort, borderPort, controlPort } = network;
        for (const port of [linkPort, routingPort, borderPort, controlPort])
          strangers.push(new Strangers(port));
        await Promise.all(strangers.map((one) => one.busy));
        // It links through the border, and to the main region beyond that.
        await network.further!.kill();
        await network.startFurther();
      });
      for (const one of strangers) {
        expect(one.turnedAway).toBeGreaterThan(0);
      }
    } finally {
      for (const one of strangers) one.close();
    }
  },
);

const wrong = (type: string, data: unknown): NewEvent => ({
  id: randomUUID(),
  type,
  version: 1,
  time: Date.now(),
  region: HOSTILE,
  cause: '',
  correlation: '',
  data,
});

/** Ships a journal with the certificate of the hostile region, until it is closed. */
async function ship(network: Network, streams: readonly (readonly [string, NewEvent])[]) {
  const journal = openSqliteEventStore({ file: ':memory:' });
  for (const [stream, event] of streams) await journal.append(stream, 'any', [event]);
  const certificates = await ensureDevelopmentCertificates(join(network.directory, 'certificates'), {
    main: 'us1',
    regions: [HOSTILE],
  });
  const links = await openRouterLinks({
    region: HOSTILE,
    gateway: 'gw1',
    node: `${HOSTILE}-1`,
    version: '0.1.0',
    journal,
    mains: [{ name: 'us1', routers: [{ name: 'r1', address: `127.0.0.1:${network.linkPort}` }] }],
    tls: await loadTls(certificates[HOSTILE]!),
    checkpoints: keptCheckpoints(),
    onCommand: async () => ({ accepted: true }),
  });
  return {
    async close() {
      await links.close();
      await journal.close();
    },
  };
}

const key = wrong('DigitReceived', { digit: '9', duration: 100, source: 'rfc4733' });

test('a region ships into legs and calls of others, and what no event is', DIAL, async (stage) => {
  stage.expectError(/^what a gateway shipped was not taken as it is$/);
  let hostile: { close(): Promise<void> } | undefined;
  try {
    await talkThrough(stage, async (network) => {
      const journalled = await network.journalEvents();
      const legs = new Set(journalled.map(({ stream }) => stream).filter((one) => one.startsWith('leg-')));
      const foreign = [...legs].map((leg) => [leg, { ...key, id: randomUUID() }] as const);
      const call = (await network.centralEvents()).find(({ stream }) => stream.startsWith('call-'))!.stream;
      const last = wrong('PeerConnected', { peer: 'es1' });
      hostile = await ship(network, [
        ...foreign,
        [call, wrong('DocumentFetched', { instructions: [] })],
        ['leg-LEwrong', wrong('LegRequested', {})],
        ['leg-LEwrong', wrong('LegRequested', { legId: 5, routes: {}, from: [], to: null })],
        [`gateway-${HOSTILE}-gw1`, wrong('GatewayStarted', {})],
        [`gateway-${HOSTILE}-gw1`, wrong('NoSuchEvent', { a: 1 })],
        [`region-${HOSTILE}`, last],
      ]);
      // Its link is not refused for it: what comes after is stored.
      for (;;) {
        const central = await network.centralEvents();
        if (central.some(({ id }) => id === last.id)) break;
        await setImmediate();
      }
      const { status, setAside } = await network.api<{ status: string; setAside: number }>('/v1/health');
      expect(status).toBe('ok');
      expect(setAside).toBeGreaterThanOrEqual(legs.size + 4);
      await network.gatewayIs('gw1', ({ healthy, linked }) => healthy && linked);
      const theirs = (await network.centralEvents()).filter(
        ({ stream, region }) => region === HOSTILE && (legs.has(stream) || stream === call),
      );
      expect(theirs).toEqual([]);
    });
  } finally {
    await hostile?.close();
  }
});
