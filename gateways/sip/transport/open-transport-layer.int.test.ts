import { createSocket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, it } from '@jest/globals';
import { rawRequest } from '../testing/raw-messages.ts';
import {
  type ListenOptions,
  openTransportLayer,
  type TransportLayerOptions,
} from './open-transport-layer.ts';
import type { TransportLayer } from './transport-layer.ts';

const opened: { close(): unknown }[] = [];

const open = async (
  listenOn: readonly ListenOptions[],
  options: Partial<TransportLayerOptions> = {},
): Promise<TransportLayer> => {
  const layer = await openTransportLayer({ listen: listenOn, peers: [], ...options });
  opened.push(layer);
  return layer;
};

afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

interface Handle {
  readonly type: string;
  readonly is_active: boolean;
}

/** The sockets that this process has open, as the event loop knows them: ports could be taken by others meanwhile. */
const openSockets = (): string[] => {
  // Without the names of peers, which would be looked up.
  Object.assign(process.report, { excludeNetwork: true });
  const { libuv } = process.report.getReport() as unknown as { libuv: Handle[] };
  const sockets = libuv.filter(({ type, is_active }) => is_active && (type === 'tcp' || type === 'udp'));
  return sockets.map(({ type }) => type).toSorted();
};

const loopback = { address: '127.0.0.1', port: 0 } as const;
const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
);

describe('openTransportLayer', () => {
  it('listens over several transports', async () => {
    const { listening } = await open([
      { transport: 'udp', ...loopback },
      { transport: 'tcp', ...loopback },
    ]);
    expect(listening.map(({ transport, address }) => [transport, address])).toEqual([
      ['udp', '127.0.0.1'],
      ['tcp', '127.0.0.1'],
    ]);
    expect(listening.every(({ port, advertisedPort }) => port > 0 && port === advertisedPort)).toBe(true);
  });

  it.each(['udp', 'tcp'] as const)(
    'says which %s port is taken, and keeps none of the others',
    async (transport) => {
      const { port } = (await open([{ transport, ...loopback }])).listening[0]!;
      const before = openSockets();
      const opening = open([
        { transport: transport === 'udp' ? 'tcp' : 'udp', ...loopback },
        { transport, address: '127.0.0.1', port },
      ]);
      await expect(opening).rejects.toMatchObject({
        code: 'sip.address-in-use',
        message: `The SIP transport ${transport} cannot listen on 127.0.0.1 port ${port}: another program does. Stop that program, or configure another port or address.`,
      });
      expect(openSockets()).toEqual(before);
    },
  );

  it.each([
    ['an address of another machine', { transport: 'udp', address: '192.0.2.1', port: 0 }, /EADDRNOTAVAIL/],
    ['an address of another machine', { transport: 'tcp', address: '192.0.2.1', port: 0 }, /EADDRNOTAVAIL/],
    [
      'all addresses and none to advertise',
      { transport: 'udp', address: '0.0.0.0', port: 0 },
      /advertisedAddress/,
    ],
    ['TLS without a certificate', { transport: 'tls', address: '127.0.0.1', port: 0 }, /no certificate/],
  ] as const)('refuses %s', async (_, point, message) => {
    const opening = open([point]);
    await expect(opening).rejects.toMatchObject({ code: 'sip.cannot-listen' });
    await expect(opening).rejects.toThrow(message);
  });

  it('refuses a certificate that cannot be read', async () => {
    const opening = open([{ transport: 'tls', ...loopback }], { tls: { cert: 'none', key: 'none' } });
    await expect(opening).rejects.toMatchObject({ code: 'sip.cannot-listen' });
  });

  it('refuses a list of peers with something else than addresses', async () => {
    const opening = open([{ transport: 'udp', ...loopback }], {
      peers: [{ trunk: 'carrier', addresses: ['sip.example.com'] }],
    });
    await expect(opening).rejects.toMatchObject({
      code: 'sip.bad-peer-address',
      params: { trunk: 'carrier', address: 'sip.example.com' },
    });
  });

  it('keeps apart what it binds and what it advertises', async () => {
    const layer = await open([
      {
        transport: 'udp',
        address: '0.0.0.0',
        port: 0,
        advertisedAddress: '203.0.113.5',
        advertisedPort: 5070,
      },
    ]);
    const flow = layer.flowTo('udp', '127.0.0.1', 5060);
    expect(flow).toMatchObject({ localAddress: '0.0.0.0', remoteAddress: '127.0.0.1', remotePort: 5060 });
    expect(layer.listeningPointOf(flow)).toMatchObject({
      advertisedAddress: '203.0.113.5',
      advertisedPort: 5070,
    });
  });

  it('has no flow for a transport or address family that it does not listen on', async () => {
    const layer = await open([{ transport: 'udp', ...loopback }]);
    for (const [transport, address] of [
      ['tcp', '127.0.0.1'],
      ['udp', '2001:db8::1'],
    ] as const) {
      expect(() => layer.flowTo(transport, address, 5060)).toThrow(/No SIP transport/);
    }
  });

  it('finds the listening point that a peer has come to, of several', async () => {
    const layer = await open(
      [
        { transport: 'udp', ...loopback },
        { transport: 'udp', ...loopback },
      ],
      { peers: [{ trunk: 'loopback', addresses: ['127.0.0.1'] }] },
    );
    const [first, second] = layer.listening;
    const came = new Promise((resolve) =>
      layer.onMessage((_, flow) => resolve(layer.listeningPointOf(flow))),
    );
    const peer = createSocket('udp4');
    opened.push(peer);
    peer.send(rawRequest(), second!.port, '127.0.0.1');
    expect(await came).toBe(second);
    expect(layer.listeningPointOf(layer.flowTo('udp', '127.0.0.1', 1))).toBe(first);
  });

  it('tells listening points at one port of several addresses apart', async () => {
    const layer = await open([{ transport: 'udp', ...loopback }]);
    const { port } = layer.listening[0]!;
    const both = await open([
      { transport: 'udp', address: '127.0.0.2', port },
      {
        transport: 'udp',
        address: '127.0.0.3',
        port,
        advertisedAddress: '203.0.113.5',
        advertisedPort: 5070,
      },
    ]);
    const flow = { ...both.flowTo('udp', '127.0.0.1', 5060), localAddress: '127.0.0.3' };
    expect(both.listeningPointOf(flow)).toMatchObject({ advertisedAddress: '203.0.113.5' });
  });

  it('is closed once and for all', async () => {
    const before = openSockets();
    const layer = await open([
      { transport: 'udp', ...loopback },
      { transport: 'tcp', ...loopback },
    ]);
    expect(openSockets()).toHaveLength(before.length + 2);
    await layer.close();
    await layer.close();
    expect(openSockets()).toEqual(before);
  });

  (hasIpv6 ? it : it.skip)(
    'listens on IPv6 and IPv4 apart (skipped without ::1 on this machine)',
    async () => {
      const layer = await open(
        [
          { transport: 'udp', address: '::1', port: 0 },
          { transport: 'tcp', address: '::1', port: 0 },
        ],
        { peers: [{ trunk: 'loopback', addresses: ['::1'] }] },
      );
      const came = new Promise((resolve) => layer.onMessage((_, flow) => resolve(flow.remoteAddress)));
      const peer = createSocket('udp6');
      opened.push(peer);
      peer.send(rawRequest(), layer.listening[0]!.port, '::1');
      expect(await came).toBe('::1');
    },
  );
});
