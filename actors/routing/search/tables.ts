import type { GatewayState, Network, RegionState, RouterState, TrunkState } from '../network/index.ts';
import { byName, loadPenalty } from '../network/index.ts';
import type { GatewayEntry } from './gateway-entry.ts';
import { hashText } from './rendezvous.ts';
import { createNearest, type InstanceEntry, instancesOf, type Offer, offersOf } from './service-entries.ts';
import { type Ways, waysBetween } from './ways.ts';

export interface RouterEntry {
  readonly region: number;
  readonly state: RouterState;
  readonly closed?: string;
  readonly hash: number;
}

export interface TrunkEntry {
  readonly gateway: number;
  readonly trunk: TrunkState;
}

/** A network as planners work with it: numbered by name, so that the order of its lists means nothing. */
export interface Tables {
  readonly network: Network;
  readonly regions: readonly RegionState[];
  readonly regionOf: ReadonlyMap<string, number>;
  readonly gateways: readonly GatewayEntry[];
  /** By region and gateway, `ie1/gw1`. */
  readonly gatewayOf: ReadonlyMap<string, number>;
  readonly instances: readonly InstanceEntry[];
  /** What each instance offers, by its index; nothing when it is full. */
  readonly offers: readonly (readonly Offer[])[];
  readonly routers: readonly RouterEntry[];
  readonly ways: Ways;
  /** The trunks that take numbers which begin so, in working order or not. */
  readonly trunks: ReadonlyMap<string, readonly TrunkEntry[]>;
  readonly longestPrefix: number;
  /** The gateways by which others’ media may pass on its way; of one region, those first that have the least load. */
  readonly relays: readonly number[];
  /** What is offered of a service, those first that are nearest to a region. */
  nearest(service: string, region: number): readonly Offer[];
}

/** Numbers a network and works out what every decision in it needs. */
export function createTables(network: Network): Tables {
  const regions = network.regions.toSorted(byName);
  const regionOf = new Map(regions.map(({ name }, index) => [name, index]));
  const gateways = regions.flatMap((region, index) =>
    region.gateways.toSorted(byName).map((state) => gatewayEntry(region, index, state)),
  );
  const gatewayOf = new Map(
    gateways.map(({ region, state }, index) => [`${regions[region]!.name}/${state.name}`, index]),
  );
  const instances = instancesOf(regions, regionOf, gateways, gatewayOf);
  const trunks = gateways.flatMap(({ state }, gateway) =>
    state.trunks.flatMap((trunk) => trunk.prefixes.map((prefix) => ({ gateway, trunk, prefix }))),
  );
  const ways = waysBetween(regions, network.routes);
  const offers = instances.map((instance) => offersOf(instance, instances, gateways));
  const services = Map.groupBy(offers.flat(), ({ instance }) => instance.service);
  return {
    network,
    regions,
    regionOf,
    gateways,
    gatewayOf,
    instances,
    offers,
    ways,
    nearest: createNearest(services, gateways, ways.delay, regions.length),
    routers: regions.flatMap((region, index) =>
      region.main ? region.routers.toSorted(byName).map((state) => routerEntry(region, index, state)) : [],
    ),
    trunks: Map.groupBy(trunks, ({ prefix }) => prefix),
    longestPrefix: trunks.reduce((longest, { prefix }) => Math.max(longest, prefix.length), 0),
    relays: relaysOf(gateways),
  };
}

function gatewayEntry(region: RegionState, index: number, state: GatewayState): GatewayEntry {
  const alive = region.healthy && state.healthy;
  return {
    region: index,
    state,
    alive,
    closed: alive
      ? whyClosed(state.draining, state.legs, state.capacity)
      : region.healthy
        ? 'is not healthy'
        : 'is in a region that is not healthy',
    penalty: loadPenalty(state.legs, state.capacity),
    hash: hashText(`${region.name}/${state.name}`),
  };
}

function routerEntry(region: RegionState, index: number, state: RouterState): RouterEntry {
  return {
    region: index,
    state,
    closed: state.healthy ? whyClosed(state.draining, state.calls, state.capacity) : 'is not healthy',
    hash: hashText(`${region.name}/${state.name}`),
  };
}

function relaysOf(gateways: readonly GatewayEntry[]): number[] {
  const load = (index: number): number => {
    const { legs, capacity } = gateways[index]!.state;
    return legs / capacity;
  };
  const open = gateways.flatMap(({ closed }, index) => (closed ? [] : [index]));
  return open.sort((a, b) => gateways[a]!.region - gateways[b]!.region || load(a) - load(b) || a - b);
}

const whyClosed = (draining: boolean, load: number, capacity: number): string | undefined =>
  draining ? 'is draining' : load >= capacity ? `is full (${load} of ${capacity})` : undefined;
