import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Flow } from './flow.ts';
import type { Hop } from './hop.ts';
import type { TransportLayer } from './transport-layer.ts';

/** Turns a host name into an IP address. */
export type Resolve = (host: string) => Promise<string>;

export const systemResolve: Resolve = async (host) => (await lookup(host)).address;

/**
 * Calls `then` with the flow to a hop: at once when its host is an address, after a look-up when it is a name; with
 * undefined and the error when there is none. UDP is what a URI without a transport means (RFC 3263, section 4.1).
 */
export const locateHop = (
  transport: TransportLayer,
  resolve: Resolve,
  hop: Hop,
  then: (flow: Flow | undefined, error?: unknown) => void,
): void => {
  if (isIP(hop.host) === 0) {
    resolve(hop.host).then(
      (host) => locateHop(transport, resolve, { ...hop, host }, then),
      (error: unknown) => then(undefined, error),
    );
    return;
  }
  let flow: Flow;
  try {
    flow = transport.flowTo(hop.transport ?? 'udp', hop.host, hop.port);
  } catch (error) {
    then(undefined, error);
    return;
  }
  then(flow);
};
