import type { RegionState } from '../network/index.ts';
import { byName, loadPenalty, serviceDelay } from '../network/index.ts';
import type { GatewayEntry } from './gateway-entry.ts';
import { hashText } from './rendezvous.ts';

/** One instance of a service. */
export interface InstanceEntry {
  /** Its place among all instances. */
  readonly index: number;
  readonly service: string;
  readonly gateway: number;
  /** Sessions that it can still take; 0 when it does not work. */
  readonly free: number;
  /** Whether it works: sessions that it has go on. */
  readonly alive: boolean;
  readonly penalty: number;
  readonly cost: number;
  readonly delay: number;
  readonly hash: number;
  /** The region of the real service, for a static proxy; otherwise -1. */
  readonly home: number;
}

/** An instance that may be asked, and who does the work then: itself, or a real service behind a proxy. */
export interface Offer {
  readonly instance: InstanceEntry;
  readonly worker: InstanceEntry;
}

/** All instances of all services, in the order of their regions, names and gateways. */
export function instancesOf(
  regions: readonly RegionState[],
  regionOf: ReadonlyMap<string, number>,
  gateways: readonly GatewayEntry[],
  gatewayOf: ReadonlyMap<string, number>,
): InstanceEntry[] {
  const all: InstanceEntry[] = [];
  for (const region of regions) {
    const services = region.services.toSorted(
      (a, b) => byName(a, b) || byName({ name: a.gateway }, { name: b.gateway }),
    );
    for (const { name, gateway: host, healthy, load, capacity, cost = 0, proxyOf } of services) {
      const gateway = gatewayOf.get(`${region.name}/${host}`);
      if (gateway === undefined) continue;
      all.push({
        index: all.length,
        service: name,
        gateway,
        cost,
        alive: healthy && gateways[gateway]!.alive,
        free: healthy && gateways[gateway]!.alive ? Math.max(0, capacity - load) : 0,
        penalty: loadPenalty(load, capacity),
        delay: serviceDelay(name),
        hash: hashText(`${region.name}/${host}/${name}`),
        // A proxy of a region that is not there leads nowhere, as one of its own region would.
        home: proxyOf === undefined ? -1 : (regionOf.get(proxyOf) ?? gateways[gateway]!.region),
      });
    }
  }
  return all;
}

/** What an instance offers: nothing when it is full, and for a proxy each real service that may stand behind it. */
export function offersOf(
  instance: InstanceEntry,
  all: readonly InstanceEntry[],
  gateways: readonly GatewayEntry[],
): Offer[] {
  if (instance.free === 0) return [];
  if (instance.home === -1) return [{ instance, worker: instance }];
  return all
    .filter(({ service, home, free, gateway }) => {
      const real = service === instance.service && home === -1 && free > 0;
      return real && gateways[gateway]!.region === instance.home;
    })
    .map((worker) => ({ instance, worker }));
}

/** Sorts offers by how far they are from a region, once for each region that asks. */
export function createNearest(
  services: ReadonlyMap<string, readonly Offer[]>,
  gateways: readonly GatewayEntry[],
  delay: Float64Array,
  count: number,
): (service: string, region: number) => readonly Offer[] {
  const sorted = new Map<string, (readonly Offer[] | undefined)[]>();
  return (service, region) => {
    const all = services.get(service);
    if (!all) return [];
    const lists = sorted.get(service) ?? [];
    sorted.set(service, lists);
    const distance = ({ instance: { gateway, penalty } }: Offer): number =>
      delay[region * count + gateways[gateway]!.region]! + penalty;
    lists[region] ??= all.toSorted((a, b) => distance(a) - distance(b));
    return lists[region];
  };
}
