import { isIP } from 'node:net';
import { parseUri } from '../message/index.ts';
import type { TransportName } from './flow.ts';
import { defaultPort, transportInUri } from './transports.ts';

/** A place to send a request to (RFC 3263). */
export interface Hop {
  /** Absent when the URI does not say. */
  readonly transport?: TransportName;
  /** Name or IP address. */
  readonly host: string;
  /** Absent when the host is a name and the URI does not say: then it is for DNS to say. */
  readonly port?: number;
}

/** Where a URI points; undefined when it is not a SIP URI. @throws sip.malformed */
export const hopOf = (text: string): Hop | undefined => {
  const uri = parseUri(text, 'URI');
  if (uri.scheme !== 'sip' && uri.scheme !== 'sips') return undefined;
  const named = uri.parameters.get('transport')?.toLowerCase();
  const transport = transportInUri(uri.scheme === 'sips', named)?.name;
  const host = uri.parameters.get('maddr') ?? uri.host;
  const port = uri.port ?? (isIP(host) === 0 ? undefined : defaultPort(transport));
  return { ...(transport !== undefined && { transport }), host, ...(port !== undefined && { port }) };
};
