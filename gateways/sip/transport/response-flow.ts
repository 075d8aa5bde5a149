import { isIP, isIPv6 } from 'node:net';
import type { SipMessage, SipRequest } from '../message/index.ts';
import { formatVia, malformed, parseVia, type Via } from '../message/index.ts';
import type { Flow } from './flow.ts';
import { defaultPort, transportOf } from './transports.ts';

/**
 * Notes in the top Via of an incoming request where it really came from: `received` when that differs from what the
 * Via says or when the peer asks with `rport` (RFC 3261, 18.2.1; RFC 3581, 4).
 * @throws sip.malformed when there is no Via that can be read, so that the request cannot be answered
 */
export const stampReceived = (request: SipRequest, flow: Flow): void => {
  const via = topVia(request);
  const asked = via.parameters.has('rport');
  // What the peer wrote into `received` itself is not ours to believe.
  const claimed = via.parameters.delete('received');
  if (asked) via.parameters.set('rport', String(flow.remotePort));
  if (asked || !isSameHost(via.host, flow.remoteAddress)) via.parameters.set('received', flow.remoteAddress);
  else if (!claimed) return;
  request.headers.setFirst('Via', formatVia(via));
};

const topVia = ({ headers }: SipMessage): Via => {
  const value = headers.get('Via');
  if (value === undefined) throw malformed('it is missing', 'Via');
  return parseVia(value);
};

const isSameHost = (host: string, address: string): boolean =>
  host === address || (isIPv6(host) && host.toLowerCase() === address.toLowerCase());

/**
 * Where the responses to a request go whose top Via has been stamped (RFC 3261, 18.2.2): over a reliable
 * transport on the connection that it came on, over UDP to its source address, at the source port when the peer asked for that and at
 * the port of its Via otherwise. `maddr` is ignored: an address that no trunk lists must not be made to get packets.
 */
export const responseFlow = (request: SipRequest, flow: Flow): Flow => {
  if (transportOf(flow.transport).isReliable) return flow;
  const via = topVia(request);
  return { ...flow, remotePort: via.parameters.has('rport') ? flow.remotePort : sentByPort(via, flow) };
};

/**
 * Where a response goes when the connection of its request is gone: a new one, to the port of the top Via, which the
 * response has of its request. Over TLS whoever is there must be whom that Via names.
 */
export const responseFlowAfterClose = (message: SipMessage, flow: Flow): Flow => {
  const { trunk: _, name: _name, accepted: _accepted, ...opened } = flow;
  const via = topVia(message);
  return {
    ...opened,
    remotePort: sentByPort(via, flow),
    ...(transportOf(flow.transport).isSecure && isIP(via.host) === 0 && { name: via.host }),
  };
};

const sentByPort = (via: Via, flow: Flow): number => via.port || defaultPort(flow.transport);
