import { type AllowedNetworks, createAddressPolicy } from '@tandem/actors/documents/address-policy.ts';
import type { Hop } from './hop.ts';
import { parseHostPort } from './uri.ts';

/** Why no request is sent to an address of a host, the name of its range (RFC 6890); undefined when one may be. */
export type ReachPolicy = (hop: Hop, address: string) => string | undefined;

export interface ReachPolicyOptions {
  /** Which networks outside the public Internet anybody may be called in. */
  readonly allowed: AllowedNetworks;
  /** Where trunks lead, `host:port`, and the networks that their providers call from. */
  readonly trunks: readonly { readonly address: string; readonly allow: readonly string[] }[];
}

/** Addresses that names of trunks have had. */
const MAX_RESOLVED = 1_000;

/**
 * Makes the rule for where SIP requests are sent: to public addresses, to trunks, and to the networks that the operator
 * allows. A document or a peer's Contact may name any host at all, also those behind our own doors.
 *
 * @throws document.bad-network
 */
export function createReachPolicy({ allowed, trunks }: ReachPolicyOptions): ReachPolicy {
  const hosts = new Set(trunks.map(({ address }) => parseHostPort(address, 'trunk').host.toLowerCase()));
  const inside = createAddressPolicy(allowed);
  const listed = createAddressPolicy(trunks.flatMap(({ allow }) => allow));
  // A trunk that is named by a name has its own requests within dialogs sent to its address.
  const resolved = new Set<string>();
  return ({ host }, address) => {
    if (hosts.has(host.toLowerCase())) {
      if (resolved.size < MAX_RESOLVED) resolved.add(address);
      return undefined;
    }
    if (resolved.has(address)) return undefined;
    return inside(address) && listed(address);
  };
}
