import { MAX_HOST_ADDRESSES, MAX_SERVERS, MAX_TARGETS } from '../message/index.ts';
import type { TransportName } from '../transport/index.ts';
import { defaultPort, type Hop, transportOf, transports, usualTransport } from '../transport/index.ts';
import { orderServers, type Service, servicesOf, usualService } from './order-records.ts';
import type { SipResolver } from './sip-resolver.ts';

/** A place to send a request to. */
export interface Target {
  readonly transport: TransportName;
  /** An IP address. */
  readonly address: string;
  readonly port: number;
}

export interface PlanOptions {
  readonly resolver: SipResolver;
  /** Transports that we have. */
  readonly transports: readonly TransportName[];
  /** From 0 to below 1. */
  readonly random: () => number;
}

interface Server {
  readonly transport: TransportName;
  readonly host: string;
  readonly port: number;
}

/**
 * The targets of a hop that is a host name, in the order in which they are to be tried, no more than MAX_TARGETS (RFC
 * 3263, section 4). NAPTR and SRV records count when the URI says no port; servers that cannot answer about them are
 * taken for ones that have none.
 *
 * @throws what the resolver does about the addresses of the last host, when there are none at all
 */
export const planTargets = async (hop: Hop, options: PlanOptions): Promise<Target[]> => {
  const { resolver } = options;
  const servers = await serversOf(hop, options);
  const found = await Promise.allSettled(servers.map(({ host }) => resolver.addresses(host)));
  const targets = new Map<string, Target>();
  servers.forEach(({ transport, port }, at) => {
    const addresses = found[at]!;
    if (addresses.status === 'rejected') return;
    for (const address of addresses.value.slice(0, MAX_HOST_ADDRESSES))
      targets.set(`${transport} ${address} ${port}`, { transport, address, port });
  });
  const failure = found.findLast((addresses) => addresses.status === 'rejected');
  if (targets.size === 0 && failure !== undefined) throw failure.reason;
  return [...targets.values()].slice(0, MAX_TARGETS);
};

const serversOf = async (hop: Hop, options: PlanOptions): Promise<Server[]> => {
  const { transport = usualTransport.name, host, port } = hop;
  const itself = [{ transport, host, port: port ?? defaultPort(transport) }];
  // A name of one label is a machine of this network, and no domain.
  if (port !== undefined || !host.includes('.')) return itself;
  const services = await servicesAt(hop, options);
  const found = await Promise.all(
    services.map(async ({ transport, name }) => {
      const records = await options.resolver.srv(name).catch(() => []);
      return orderServers(records.slice(0, MAX_SERVERS), options.random).map(
        (record): Server => ({ transport, host: record.name, port: record.port }),
      );
    }),
  );
  const servers = found.flat().slice(0, MAX_SERVERS);
  return servers.length > 0 ? servers : itself;
};

const servicesAt = async (
  { transport, host }: Hop,
  { resolver, transports: own }: PlanOptions,
): Promise<Service[]> => {
  // Without NAPTR records: UDP is what a URI without a transport means, the others are for who has no UDP.
  const usable = transports().filter(({ name }) => (transport ?? name) === name && own.includes(name));
  const usual = usable.map((each) => usualService(each, host));
  // Whoever has said UDP or TCP has chosen; a secure transport may have been chosen by the scheme.
  if (transport !== undefined && !transportOf(transport).isSecure) return usual;
  const offered = servicesOf(await resolver.naptr(host).catch(() => []), usable);
  return offered.length > 0 ? offered.slice(0, MAX_SERVERS) : usual;
};
