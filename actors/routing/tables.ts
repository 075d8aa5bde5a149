import { loadPenalty, serviceDelay, UNKNOWN_RTT, wayDelay } from './delays.ts';
import type { GatewayState, Network, RegionState, RouterState, RouteState, TrunkState } from './network.ts';
import { hashText } from './rendezvous.ts';

/** One gateway as planners number it. */
export interface GatewayEntry {
  readonly region: number;
  readonly state: GatewayState;
  /** Its media works: legs that are there can be joined. */
  readonly alive: boolean;
  /** Why it gets no new legs; undefined when it does. */
  readonly closed?: string;
  readonly penalty: number;
  /** Of its name and its region's. */
  readonly hash: number;
}

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

/** The ways between regions: numbers by `from * count + to`, the same in both directions. */
export interface Ways {
  readonly delay: Float64Array;
  readonly penalty: Float64Array;
  readonly loss: Float64Array;
  /** Measured opinion scores; 5 where there is none. */
  readonly mos: Float64Array;
  readonly cost: Float64Array;
  readonly free: Float64Array;
  readonly up: Uint8Array;
  readonly poor: Uint8Array;
  readonly measured: Uint8Array;
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

const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : 0;

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
    ...{ network, regions, regionOf, gateways, gatewayOf, instances, offers, ways },
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
    ...{ region: index, state, alive },
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
    ...{ region: index, state },
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

function instancesOf(
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
        ...{ index: all.length, service: name, gateway, cost },
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

function offersOf(
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

function createNearest(
  services: ReadonlyMap<string, readonly Offer[]>,
  gateways: readonly GatewayEntry[],
  delay: Float64Array,
  count: number,
): Tables['nearest'] {
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

function waysBetween(regions: readonly RegionState[], routes: readonly RouteState[]): Ways {
  const count = regions.length;
  const ways: Ways = {
    delay: new Float64Array(count * count),
    penalty: new Float64Array(count * count),
    loss: new Float64Array(count * count),
    mos: new Float64Array(count * count).fill(5),
    cost: new Float64Array(count * count),
    free: new Float64Array(count * count).fill(Number.POSITIVE_INFINITY),
    up: new Uint8Array(count * count).fill(1),
    poor: new Uint8Array(count * count),
    measured: new Uint8Array(count * count),
  };
  const known = new Map(routes.map((route) => [`${route.from}>${route.to}`, route]));
  for (let a = 0; a < count; a++)
    for (let b = 0; b < count; b++) {
      const way = a * count + b;
      if (a === b) {
        ways.measured[way] = 1;
        continue;
      }
      const there = known.get(`${regions[a]!.name}>${regions[b]!.name}`);
      const back = known.get(`${regions[b]!.name}>${regions[a]!.name}`);
      const both = [there, back].filter((route) => route !== undefined);
      if (both.length === 0) ways.delay[way] = wayDelay(UNKNOWN_RTT, 0);
      else writeWay(ways, way, both);
    }
  return ways;
}

function writeWay(ways: Ways, way: number, routes: readonly RouteState[]): void {
  const worst = (of: (route: RouteState) => number): number => Math.max(...routes.map(of));
  ways.delay[way] = worst(({ rtt, jitter }) => wayDelay(rtt, jitter));
  ways.penalty[way] = worst(({ load, capacity }) => loadPenalty(load, capacity));
  ways.loss[way] = worst(({ loss }) => loss);
  ways.mos[way] = -worst(({ mos = 5 }) => -mos);
  ways.cost[way] = worst(({ cost }) => cost);
  ways.free[way] = -worst(({ load, capacity }) => load - capacity);
  ways.up[way] = routes.every(({ up }) => up) ? 1 : 0;
  ways.poor[way] = routes.some(({ poor }) => poor) ? 1 : 0;
  ways.measured[way] = routes.every(({ measured }) => measured) ? 1 : 0;
}
