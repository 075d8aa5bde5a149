import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { TandemError } from '../errors/index.ts';

/** Says why an address may not be connected to (the name of its range); undefined when it may. */
export type AddressPolicy = (address: string) => string | undefined;

/**
 * Which networks outside the public Internet may be reached: none (`false`); private, loopback, link-local and
 * shared ones, but no metadata service (`true`); or those listed as CIDR, whatever they are.
 */
export type AllowedNetworks = boolean | readonly string[];

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Network = [Address, number];

/** Ranges (as ipaddr.js names them) that `true` opens: an operator's own networks. */
const OWN_NETWORKS = new Set(['private', 'loopback', 'linkLocal', 'uniqueLocal', 'carrierGradeNat']);

/** Where cloud providers hand credentials to whoever can connect; some of these look like public addresses. */
const METADATA = [
  '169.254.169.254',
  '169.254.170.2',
  '100.100.100.200',
  '192.0.0.192',
  '168.63.129.16',
  'fd00:ec2::254',
];

/** IPv6 ranges whose last 32 bits are the IPv4 address that is really reached. */
const EMBEDS_IPV4 = ['::/96', '::ffff:0:0/96', '::ffff:0:0:0/96', '64:ff9b::/96'].map((cidr) =>
  network(cidr),
);

/**
 * Makes the rule for which addresses are connected to (RFC 6890 and the IANA special-purpose registries).
 * @throws document.bad-network
 */
export function createAddressPolicy(allowed: AllowedNetworks): AddressPolicy {
  const listed = Array.isArray(allowed) ? allowed.map(network) : [];
  const metadata = new Set(METADATA.map((address) => ipaddr.parse(address).toString()));
  return (text) => {
    if (isIP(text) === 0) return 'invalid';
    const address = unwrapped(ipaddr.parse(text));
    if (listed.some((one) => contains(one, address))) return undefined;
    if (metadata.has(address.toString())) return 'metadata';
    const range = address.range();
    if (range === 'unicast' || (allowed === true && OWN_NETWORKS.has(range))) return undefined;
    return range;
  };
}

function unwrapped(address: Address): Address {
  const isUnspecifiedOrLoopback = address.range() === 'unspecified' || address.range() === 'loopback';
  const embeds = !isUnspecifiedOrLoopback && EMBEDS_IPV4.some((one) => contains(one, address));
  return embeds ? ipaddr.fromByteArray(address.toByteArray().slice(12)) : address;
}

const contains = ([base, bits]: Network, address: Address): boolean =>
  base.kind() === address.kind() && address.match(base as never, bits);

function network(cidr: string): Network {
  try {
    return ipaddr.parseCIDR(cidr);
  } catch {
    throw new TandemError('document.bad-network', { network: cidr });
  }
}
