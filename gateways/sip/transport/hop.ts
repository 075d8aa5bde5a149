import { isIP } from 'node:net';
import { parseUri } from '../message/index.ts';
import type { TransportName } from './flow.ts';

/** A place to send a request to (RFC 3263). */
export interface Hop {
  /** Absent when the URI does not say. */
  readonly transport?: TransportName;
  /** Name or IP address. */
  readonly host: string;
  /** Absent when the host is a name and the URI does not say: then it is for DNS to say. */
  readonly port?: number;
}

export const defaultPort = (transport: TransportName): number => (transport === 'tls' ? 5061 : 5060);

const isTransport = (text: string | undefined): text is TransportName =>
  text === 'udp' || text === 'tcp' || text === 'tls';

/** Where a URI points; undefined when it is not a SIP URI. @throws sip.malformed */
export const hopOf = (text: string): Hop | undefined => {
  const uri = parseUri(text, 'URI');
  if (uri.scheme !== 'sip' && uri.scheme !== 'sips') return undefined;
  const named = uri.parameters.get('transport')?.toLowerCase();
  const transport = uri.scheme === 'sips' ? 'tls' : isTransport(named) ? named : undefined;
  const host = uri.parameters.get('maddr') ?? uri.host;
  const port = uri.port ?? (isIP(host) === 0 ? undefined : defaultPort(transport ?? 'udp'));
  return { ...(transport && { transport }), host, ...(port !== undefined && { port }) };
};
