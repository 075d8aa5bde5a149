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

/** Addresses of which it is remembered what was decided. */
const MAX_DECIDED = 1_000;

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
  const decided = new Map<string, string | undefined>();
  const decide = (address: string, range: string | undefined): string | undefined => {
    if (decided.size >= MAX_DECIDED) decided.delete(decided.keys().next().value!);
    decided.set(address, range);
    return range;
  };
  return ({ host }, address) => {
    // What follows in a call over a trunk that has a name is sent to the address that the name had.
    if (hosts.has(host.toLowerCase())) return decide(address, undefined);
    if (decided.has(address)) return decided.get(address);
    return decide(address, inside(address) && listed(address));
  };
}
