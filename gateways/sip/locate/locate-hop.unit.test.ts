import { describe, expect, it } from '@jest/globals';
import { TandemError } from '@tandem/actors/errors';
import { type Records, records } from '../testing/records.ts';
import type { Flow, TransportName } from '../transport/flow.ts';
import type { Hop } from '../transport/hop.ts';
import type { ListeningPoint } from '../transport/transport-layer.ts';
import { locateHop } from './locate-hop.ts';
import type { ReachPolicy } from './reach-policy.ts';

/** A layer that listens with IPv4 only. */
const transport = {
  listening: [{ transport: 'udp' }, { transport: 'tls' }] as ListeningPoint[],
  flowTo(transport: TransportName, remoteAddress: string, remotePort: number) {
    if (remoteAddress.includes(':')) throw new TandemError('sip.no-transport', { transport });
    return { transport, remoteAddress, remotePort } as Flow;
  },
};

const locate = (hop: Partial<Hop>, held: Records = {}, refuses?: ReachPolicy) =>
  new Promise<{ flows: readonly Flow[]; error?: TandemError }>((resolve) =>
    locateHop(
      { transport, resolver: records(held), random: () => 0, refuses },
      { host: 'b.example', port: 5060, ...hop },
      (flows, error) => resolve({ flows, error }),
    ),
  );

describe('a hop', () => {
  it('that is an address is not looked up', () => {
    const found: unknown[] = [];
    locateHop(
      { transport, resolver: records({}), random: () => 0 },
      { host: '192.0.2.7', port: 5080 },
      (flows) => found.push(flows),
    );
    expect(found).toEqual([[{ transport: 'udp', remoteAddress: '192.0.2.7', remotePort: 5080 }]]);
  });

  it('that is a name is at all of its addresses that a listener reaches', async () => {
    const addresses = { 'b.example': ['2001:db8::1', '192.0.2.7', '192.0.2.8'] };
    const { flows } = await locate({}, { addresses });
    expect(flows.map(({ remoteAddress }) => remoteAddress)).toEqual(['192.0.2.7', '192.0.2.8']);
  });

  it('over TLS has the name with its flow that the URI has, whatever DNS says', async () => {
    const held = {
      srv: { '_sips._tcp.b.example': [{ priority: 1, weight: 0, port: 5071, name: 's1.c.example' }] },
      addresses: { 's1.c.example': ['192.0.2.7'] },
    };
    const { flows } = await locate({ transport: 'tls', port: undefined }, held);
    expect(flows).toEqual([
      { transport: 'tls', remoteAddress: '192.0.2.7', remotePort: 5071, name: 'b.example' },
    ]);
  });

  it('is not at those of its addresses that must not be reached, and nowhere when there are no others', async () => {
    const addresses = { 'b.example': ['10.0.0.1', '192.0.2.7'], 'c.example': ['10.0.0.1'] };
    const refuses: ReachPolicy = (_, address) => (address.startsWith('10.') ? 'private' : undefined);
    const { flows } = await locate({}, { addresses }, refuses);
    expect(flows.map(({ remoteAddress }) => remoteAddress)).toEqual(['192.0.2.7']);
    expect(await locate({ host: 'c.example' }, { addresses }, refuses)).toMatchObject({
      flows: [],
      error: { code: 'sip.private-address' },
    });
    expect(await locate({ host: '10.0.0.1' }, {}, refuses)).toMatchObject({
      error: { code: 'sip.private-address' },
    });
  });

  it('is nowhere when no listener reaches it, or nobody knows it', async () => {
    const addresses = { 'b.example': ['2001:db8::1'] };
    expect(await locate({}, { addresses })).toMatchObject({
      flows: [],
      error: { code: 'sip.no-transport' },
    });
    expect(await locate({})).toMatchObject({
      flows: [],
      error: { code: 'sip.transport-failed', message: expect.stringContaining('ENOTFOUND b.example') },
    });
  });
});
