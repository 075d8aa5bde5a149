import { isIP } from 'node:net';
import type { PortRange } from '@tandem/gateways/media';

/** A host (IP address or name; IPv6 without its brackets) and a port, 0 to 65535. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** Reads `host:port` or `[ipv6]:port`; undefined when the text is neither. */
export function parseHostPort(text: string): HostPort | undefined {
  const found = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(text);
  if (!found) return undefined;
  const [, ipv6, name, digits] = found;
  const port = Number(digits);
  const host = ipv6 ?? name!;
  if (port > 65535 || (ipv6 === undefined ? !isHost(host) : isIP(host) !== 6)) return undefined;
  return { host, port };
}

/** A place to reach: port 0, which lets the system choose, is none. */
export const isRemote = (text: string): boolean => (parseHostPort(text)?.port ?? 0) > 0;

/** Where a SIP provider is: a host, whose servers DNS names unless there is a port (RFC 3263). */
export const isSipRemote = (text: string): boolean =>
  isRemote(text) || isHost(text) || isIP(/^\[(.*)\]$/.exec(text)?.[1] ?? '') === 6;

/** A place to listen: an IP address of this machine and a port; port 0 lets the system choose. */
export const isListen = (text: string): boolean => isIP(parseHostPort(text)?.host ?? '') !== 0;

/** Whether a text is an IP address or a host name (RFC 1123, 2.1). What looks like an IPv4 address must be one. */
export function isHost(text: string): boolean {
  if (/^[\d.]+$/.test(text)) return isIP(text) === 4;
  return (
    text.length <= 253 &&
    text.split('.').every((label) => /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(label))
  );
}

/** A SIP listener: `udp:127.0.0.1:5060`. */
export interface SipListener extends HostPort {
  /** As it stands there; whether there is such a transport is not looked at. */
  readonly transport: string;
  /** What peers reach it by, where it says so itself: `udp:10.0.0.5:5060 as 203.0.113.7:15060`. */
  readonly advertised?: HostPort;
}

/** Reads `transport:address:port`, with ` as host:port` or without; undefined when the text is none. */
export function parseSipListener(text: string): SipListener | undefined {
  const [, transport = '', place = '', outside] = /^([a-z]+):(\S+)(?: as (\S+))?$/.exec(text) ?? [];
  if (!isListen(place) || (outside !== undefined && !isRemote(outside))) return undefined;
  return {
    transport,
    ...parseHostPort(place)!,
    ...(outside !== undefined && { advertised: parseHostPort(outside)! }),
  };
}

/**
 * What peers are told of a listener: what it says itself, else the address that holds for all, at the listener's own
 * port; but an IP address holds for listeners of its family only.
 */
export function advertisedBy(
  { host, advertised }: SipListener,
  forAll: string | undefined,
): { readonly host?: string; readonly port?: number } {
  if (advertised !== undefined) return advertised;
  const holds = forAll !== undefined && (isIP(forAll) === 0 || isIP(forAll) === isIP(host));
  return holds ? { host: forAll } : {};
}

/** Reads `20000-29999`, at least one RTP and RTCP pair from 1024 up; undefined when the text is none. */
export function parsePortRange(text: string): PortRange | undefined {
  const found = /^(\d{4,5})-(\d{4,5})$/.exec(text);
  if (!found) return undefined;
  const [first, last] = [Number(found[1]), Number(found[2])];
  return first >= 1024 && first < last && last <= 65535 ? { first, last } : undefined;
}

/** Whether a text is an IP network with its prefix length, such as `10.0.0.0/8` or `fd00::/8`. */
export function isCidr(text: string): boolean {
  const found = /^([0-9a-fA-F:.]+)\/(\d{1,3})$/.exec(text);
  const family = isIP(found?.[1] ?? '');
  return family !== 0 && Number(found![2]) <= (family === 4 ? 32 : 128);
}

/** Whether a text is an absolute http or https URL. */
export function isWebUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && (url.protocol === 'http:' || url.protocol === 'https:');
}
