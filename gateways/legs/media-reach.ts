import { isIPv4, isIPv6 } from 'node:net';
import { type AllowedNetworks, createAddressPolicy } from '@tandem/actors/net';
import { parseHostPort } from '../sip/index.ts';

/** Whether media may be sent to an address of which only a peer's SDP tells; `trunk` is the one of its leg, if any. */
export type MediaReach = (address: string, trunk: string | undefined) => boolean;

export interface MediaReachOptions {
  /** Which networks outside the public Internet anybody's media may be in. */
  readonly allowed: AllowedNetworks;
  /** Where trunks lead, `host:port`, and the networks that their providers call from. */
  readonly trunks: readonly {
    readonly name: string;
    readonly address: string;
    readonly allow: readonly string[];
  }[];
}

/**
 * Makes the rule for where media is sent before any was heard: to public addresses, to the networks that the operator
 * allows, and to those of the leg's own trunk. SDP may name any host at all, and 50 packets a second would be sent
 * there. Whoever is refused is sent media once theirs has come, to where it came from; so a peer behind NAT, whose SDP
 * names an address of its own network, misses nothing but what was said before its first packets.
 *
 * @throws document.bad-network
 */
export function createMediaReach({ allowed, trunks }: MediaReachOptions): MediaReach {
  const anybody = createAddressPolicy(allowed);
  const own = new Map(
    trunks.map(({ name, address, allow }) => {
      const networks = [...allow, ...asNetwork(address)];
      return [name, createAddressPolicy(networks)];
    }),
  );
  return (address, trunk = '') =>
    anybody(address) === undefined || (own.has(trunk) && own.get(trunk)!(address) === undefined);
}

/** The host of `host:port`, or of no port, as a network (CIDR) of its own; none when it is a name. */
export const asNetwork = (address: string): string[] => {
  const host = isIPv6(address) || address === '' ? address : parseHostPort(address, 'trunk').host;
  if (isIPv4(host)) return [`${host}/32`];
  return isIPv6(host) ? [`${host}/128`] : [];
};
