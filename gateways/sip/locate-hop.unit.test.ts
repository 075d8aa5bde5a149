import { describe, expect, it } from '@jest/globals';
import { TandemError } from '@tandem/actors/errors/tandem-error.ts';
import type { Flow } from './flow.ts';
import { locateHop } from './locate-hop.ts';
import type { TransportLayer } from './transport-layer.ts';

/** A layer that listens with IPv4 only. */
const transport = {
  flowTo(name: string, remoteAddress: string) {
    if (remoteAddress.includes(':')) throw new TandemError('sip.no-transport', { transport: name });
    return { remoteAddress } as Flow;
  },
} as unknown as TransportLayer;

const locate = (host: string, addresses: readonly string[] = []) =>
  new Promise<[Flow | undefined, unknown]>((resolve) =>
    locateHop(
      transport,
      async () => addresses,
      { host, port: 5060 },
      (flow, error) => resolve([flow, error]),
    ),
  );

describe('a hop', () => {
  it('that is an address is not looked up', async () => {
    expect(await locate('192.0.2.7', ['192.0.2.8'])).toEqual([{ remoteAddress: '192.0.2.7' }, undefined]);
  });

  it('that is a name is at the first of its addresses that a listener reaches', async () => {
    const [flow] = await locate('b.example', ['2001:db8::1', '192.0.2.7', '192.0.2.8']);
    expect(flow).toEqual({ remoteAddress: '192.0.2.7' });
  });

  it.each([[['2001:db8::1']], [[]]])('is nowhere when no listener reaches any of %j', async (addresses) => {
    const [flow, error] = await locate('b.example', addresses);
    expect(flow).toBeUndefined();
    expect(error).toBeInstanceOf(Error);
  });
});
