import { isIP } from 'node:net';
import { type AllowedNetworks, createAddressPolicy } from '@tandem/actors/net';
import { inNetworks, parseHostPort } from '../message/index.ts';
import type { Hop } from '../transport/index.ts';

/** Whom a request is for. */
export interface Addressee {
  /** The trunk that a call or a question goes over, by name. */
  readonly trunk?: string;
  /** Of a request within a dialog: the address that its peer has. */
  readonly peerAddress?: string;
}

/**
 * Why no request is sent to an address of a host: the name of its range (RFC 6890), or `trunk` where a provider knows us;
 * undefined when one may be.
 */
export type ReachPolicy = (hop: Hop, address: string, addressee?: Addressee) => string | undefined;

export interface ReachPolicyOptions {
  /** Which networks outside the public Internet anybody may be called in. */
  readonly allowed: AllowedNetworks;
  /** Where trunks lead, `host:port`, and the networks that their providers call from. */
  readonly trunks: readonly {
    readonly name: string;
    readonly address: string;
    readonly allow: readonly string[];
    /** Whether anybody may call any SIP URI there, or only numbers that the trunk reaches; `numbers` unless given. */
    readonly sipUris?: 'numbers' | 'any';
  }[];
}

/** Addresses that trunks' names had, of which it is remembered that they are trunks'. */
const MAX_REMEMBERED = 1_000;

/**
 * Makes the rule for where SIP requests are sent: to public addresses and to the networks that the operator allows, and
 * in calls over trunks and in dialogs with their providers also to trunks' networks. A document or a peer's Contact may
 * name any host at all, also those behind our own doors, and providers that take our calls for our address.
 *
 * @throws document.bad-network
 */
export function createReachPolicy({ allowed, trunks }: ReachPolicyOptions): ReachPolicy {
  const inside = createAddressPolicy(allowed);
  /** Addresses that the names of trunks had, each with what anybody may call there. */
  const resolved = new Map<string, 'numbers' | 'any'>();
  const names = new Map<string, 'numbers' | 'any'>();
  const networks = trunks.map(({ address, allow, sipUris = 'numbers' }) => {
    const host = parseHostPort(address, 'trunk').host.toLowerCase();
    if (isIP(host) === 0) names.set(host, sipUris);
    return { sipUris, has: inNetworks(isIP(host) === 0 ? allow : [...allow, host]) };
  });
  /** What anybody may call at an address, if it is a trunk's; where it is that of several, the strictest says. */
  const rulesAt = (address: string): Set<'numbers' | 'any'> => {
    const rules = new Set(networks.filter(({ has }) => has(address)).map(({ sipUris }) => sipUris));
    const named = resolved.get(address);
    return named === undefined ? rules : rules.add(named);
  };
  const remember = (address: string, rule: 'numbers' | 'any'): void => {
    if (resolved.size >= MAX_REMEMBERED) resolved.delete(resolved.keys().next().value!);
    resolved.set(address, rule);
  };
  return ({ host }, address, { trunk, peerAddress } = {}) => {
    const rules = rulesAt(address);
    if (trunk !== undefined || (peerAddress !== undefined && rulesAt(peerAddress).size > 0)) {
      const named = names.get(host.toLowerCase());
      // What follows in a call over a trunk that has a name is sent to the address that the name had.
      if (named !== undefined) remember(address, named);
      return named !== undefined || rules.size > 0 ? undefined : inside(address);
    }
    if (rules.has('numbers')) return 'trunk';
    return rules.has('any') ? undefined : inside(address);
  };
}
