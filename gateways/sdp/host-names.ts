import { isIP } from 'node:net';
import { TandemError } from '@tandem/actors/errors';
import { readConnection } from './description.ts';

/** The addresses of a host, those to try first in front; rejects when there are none. */
export type ResolveAddresses = (host: string) => Promise<readonly string[]>;

/** For who resolves no names. */
export const noNames: ResolveAddresses = async () => [];

/** Hosts that one description may name: one for the session and a few for its media. */
const MOST_NAMES = 4;

const C_LINE = /^c=([^\r\n]*)/gm;

/** Whether a description names hosts, so that its addresses have to be asked for. @throws media.bad-sdp */
export const namesHosts = (sdp: string): boolean =>
  [...sdp.matchAll(C_LINE)].some(([, value = '']) => isIP(readConnection(value).address) === 0);

/**
 * A peer's description with IP addresses for the host names that its `c=` lines may have (RFC 8866, sections 5.7 and
 * 9: FQDN), of the family that the line says. Without names it is as it was, at once.
 *
 * @throws media.bad-sdp for a line that cannot be read
 * @throws media.no-common-codec when a name has no address of its family, which is refused with 488
 */
export const withAddresses = async (sdp: string, resolve: ResolveAddresses): Promise<string> => {
  const named = new Map<string, string>();
  for (const [line, value = ''] of sdp.matchAll(C_LINE)) {
    const { family, address } = readConnection(value);
    if (isIP(address) !== 0 || named.has(line)) continue;
    if (named.size === MOST_NAMES) throw unusable(`it names more than ${MOST_NAMES} hosts`);
    named.set(line, `c=IN IP${family} ${await addressOf(address, family, resolve)}`);
  }
  return named.size === 0 ? sdp : sdp.replaceAll(C_LINE, (line) => named.get(line) ?? line);
};

const addressOf = async (host: string, family: 4 | 6, resolve: ResolveAddresses): Promise<string> => {
  const addresses = await resolve(host).catch(() => []);
  const found = addresses.find((address) => isIP(address) === family);
  if (found === undefined) throw unusable(`its host "${host}" has no IPv${family} address`);
  return found;
};

const unusable = (detail: string): TandemError => new TandemError('media.no-common-codec', { detail });
