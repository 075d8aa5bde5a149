import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Flow } from './flow.ts';
import type { Hop } from './hop.ts';
import type { TransportLayer } from './transport-layer.ts';

/** The IP addresses of a host name, those to try first in front. */
export type Resolve = (host: string) => Promise<readonly string[]>;

export const systemResolve: Resolve = async (host) =>
  (await lookup(host, { all: true })).map(({ address }) => address);

/**
 * Calls `then` with the flow to a hop: at once when its host is an address, after a look-up when it is a name; with
 * undefined and the error when there is none. Of a name's addresses the first counts that one of our listeners can
 * reach, which may be of one family only. UDP is what a URI without a transport means (RFC 3263, section 4.1).
 */
export const locateHop = (
  transport: TransportLayer,
  resolve: Resolve,
  hop: Hop,
  then: (flow: Flow | undefined, error?: unknown) => void,
): void => {
  const reach = (addresses: readonly string[]): void => {
    let failure: unknown = new Error(`${hop.host} has no address`);
    for (const address of addresses) {
      let flow: Flow;
      try {
        const found = transport.flowTo(hop.transport ?? 'udp', address, hop.port);
        flow = hop.transport === 'tls' && address !== hop.host ? { ...found, name: hop.host } : found;
      } catch (error) {
        failure = error;
        continue;
      }
      then(flow);
      return;
    }
    then(undefined, failure);
  };
  if (isIP(hop.host) !== 0) reach([hop.host]);
  else resolve(hop.host).then(reach, (error: unknown) => then(undefined, error));
};
