import { TandemError } from '@tandem/actors/errors';
import type { TransportName } from './flow.ts';
import type { SipTransport } from './sip-transport.ts';
import { tcp } from './tcp/index.ts';
import { tls } from './tls/index.ts';
import { udp } from './udp/index.ts';

const table = new Map<TransportName, SipTransport>();

/** Adds a transport behind those that are there. Where nothing else says so, those in front are tried first. */
export const registerTransport = (transport: SipTransport): void => {
  table.set(transport.name, transport);
};

registerTransport(udp);
registerTransport(tcp);
registerTransport(tls);

/** What a URI means that names none (RFC 3263, section 4.1). */
export const usualTransport: SipTransport = udp;

/** All of them, in the order of preference. */
export const transports = (): readonly SipTransport[] => [...table.values()];

/** @throws sip.no-transport */
export const transportOf = (name: TransportName): SipTransport => {
  const transport = table.get(name);
  if (transport === undefined) throw new TandemError('sip.no-transport', { transport: name });
  return transport;
};

/**
 * The transport that a URI says.
 *
 * @param secure whether its scheme is sips; then it is a secure one in any case
 * @param named its transport parameter in lower case
 */
export const transportInUri = (secure: boolean, named: string | undefined): SipTransport | undefined => {
  // Most Contacts say neither, and this is asked for each.
  if (!secure && named === undefined) return undefined;
  let firstSecure: SipTransport | undefined;
  for (const transport of table.values()) {
    if (transport.uriName === named && (transport.isSecure || !secure)) return transport;
    if (transport.isSecure) firstSecure ??= transport;
  }
  return secure ? firstSecure : undefined;
};

export const defaultPort = (name: TransportName = usualTransport.name): number =>
  transportOf(name).defaultPort;
