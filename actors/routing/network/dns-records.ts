import type { GatewayHealth } from './live-network.ts';
import type { Network } from './network.ts';

export interface DnsOptions {
  /** The zone: regions are names in it, `ie1.sip.example.com`. */
  readonly domain: string;
  /** Seconds for which the records may be kept; they follow health and load. */
  readonly ttl?: number;
}

/** How a transport is looked up (RFC 3263, section 4.1), the more private first. */
const TRANSPORTS = [
  { name: 'tls', service: 'SIPS+D2T', prefix: '_sips._tcp', order: 10 },
  { name: 'tcp', service: 'SIP+D2T', prefix: '_sip._tcp', order: 20 },
  { name: 'udp', service: 'SIP+D2U', prefix: '_sip._udp', order: 30 },
] as const;

/** Weight of the gateway with the most room. */
const MOST_WEIGHT = 1000;

interface Listener {
  readonly gateway: GatewayHealth;
  readonly host: string;
  readonly port: number;
  readonly transport: string;
}

/**
 * Records of a zone file by which callers find the nearest gateway of a region that takes calls (RFC 3263): for each
 * region NAPTR and SRV records. Its own gateways come first, shared out by the room that they have; those of other
 * regions stand in for them, the nearer first. Who is unhealthy, drains or is full is left out.
 */
export function dnsRecords(
  gateways: readonly GatewayHealth[],
  { regions, routes }: Network,
  { domain, ttl = 30 }: DnsOptions,
): string {
  const open = gateways.filter(
    ({ healthy, draining, legs, capacity }) => healthy && !draining && legs < capacity,
  );
  const listeners = open.flatMap(listenersOf);
  const distance = (from: string, to: string): number => {
    if (from === to) return -1;
    const way = [...routes].find(
      (route) =>
        route.up && ((route.from === from && route.to === to) || (route.from === to && route.to === from)),
    );
    return way?.measured ? way.rtt : Number.MAX_SAFE_INTEGER;
  };
  const names = regions.filter((region) => region.gateways.length > 0).map(({ name }) => name);
  const lines = names.flatMap((region) => {
    const nearest = [...names].sort(
      (one, other) => distance(region, one) - distance(region, other) || (one < other ? -1 : 1),
    );
    return TRANSPORTS.flatMap(({ name, service, prefix, order }) => {
      const there = listeners.filter(({ transport }) => transport === name);
      if (there.length === 0) return [];
      const owner = `${prefix}.${region}.${domain}.`;
      return [
        `${region}.${domain}. ${ttl} IN NAPTR ${order} 50 "s" "${service}" "" ${owner}`,
        ...nearest.flatMap((other, index) =>
          there
            .filter(({ gateway }) => gateway.region === other)
            .map(
              (one) =>
                `${owner} ${ttl} IN SRV ${10 * (index + 1)} ${weightOf(one, there)} ${one.port} ${targetOf(one, domain)}`,
            ),
        ),
      ];
    });
  });
  const addresses = new Set(
    listeners.flatMap((one) => {
      const type = addressType(one.host);
      return type === undefined ? [] : [`${targetOf(one, domain)} ${ttl} IN ${type} ${one.host}`];
    }),
  );
  return [...lines, ...addresses, ''].join('\n');
}

/** The share of calls that a gateway should get among those of its region: by its free legs. */
function weightOf({ gateway }: Listener, there: readonly Listener[]): number {
  const room = ({ legs, capacity }: GatewayHealth): number => capacity - legs;
  const most = Math.max(
    ...there.filter((one) => one.gateway.region === gateway.region).map((one) => room(one.gateway)),
  );
  return Math.max(1, Math.round((MOST_WEIGHT * room(gateway)) / most));
}

/** A listener on a host name is its own target; one on an address gets a name in the zone. */
const targetOf = ({ gateway, host }: Listener, domain: string): string =>
  addressType(host) === undefined ? `${host}.` : `${gateway.gateway}.${gateway.region}.${domain}.`;

const addressType = (host: string): 'A' | 'AAAA' | undefined =>
  host.includes(':') ? 'AAAA' : /^\d+\.\d+\.\d+\.\d+$/.test(host) ? 'A' : undefined;

function listenersOf(gateway: GatewayHealth): Listener[] {
  return gateway.addresses.flatMap((address) => {
    const found = /^sip:(?:\[([^\]]+)\]|([^:;]+)):(\d+);transport=(\w+)$/.exec(address);
    if (!found) return [];
    const [, ipv6, name, port, transport] = found;
    return [{ gateway, host: (ipv6 ?? name)!, port: Number(port), transport: transport! }];
  });
}
