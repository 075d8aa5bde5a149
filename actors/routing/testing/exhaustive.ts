import type { GatewayId } from '../../names/gateway-id.ts';
import {
  ENDPOINT_DELAY,
  loadPenalty,
  PIPE_DELAY,
  serviceDelay,
  UNKNOWN_RTT,
  wayDelay,
} from '../network/delays.ts';
import type { Network, RegionState, ServiceState } from '../network/network.ts';
import { estimateMos } from '../network/quality.ts';
import type { Measure, Policy } from '../policy/policy.ts';
import type { Need, RoutingScore } from '../question/questions.ts';
import type { BranchPlan } from '../search/path-tasks.ts';
import { completeOrder, steps } from '../search/score.ts';

/**
 * Every path that there is, one after the other, weighed with the plainest arithmetic: what the planner must not be
 * worse than. It shares no code with the search but the definitions of delay and quality, and works on the network
 * as it is. Policies count here for every call.
 */

interface Service extends ServiceState {
  readonly region: string;
}

/** Media goes somewhere; at the end of it, a service may be used. */
interface Move {
  readonly from: GatewayId;
  readonly to: GatewayId;
  readonly via?: GatewayId;
  readonly use?: Service;
  readonly real?: Service;
  /** How often the way to a proxy's real service is taken. */
  readonly times: number;
  readonly side: boolean;
  readonly need?: Need;
}
type Way = readonly Move[];

export interface World {
  readonly network: Network;
  readonly policies: readonly Policy[];
}

const same = (a: GatewayId, b: GatewayId): boolean => a.region === b.region && a.gateway === b.gateway;
const regionNamed = ({ network }: World, name: string): RegionState =>
  network.regions.find((region) => region.name === name)!;

export function allowed({ network, policies }: World, name: string): boolean {
  const region = network.regions.find((one) => one.name === name);
  return (
    region?.healthy === true &&
    policies.every(({ prohibit, only }) => !prohibit?.includes(name) && (only?.includes(name) ?? true))
  );
}

/** A route, the worse of both directions. */
export function route({ network }: World, a: string, b: string) {
  const both = network.routes.filter(({ from, to }) => (from === a && to === b) || (from === b && to === a));
  if (both.length === 0)
    return {
      delay: UNKNOWN_RTT / 2,
      penalty: 0,
      loss: 0,
      mos: 5,
      cost: 0,
      room: Infinity,
      up: true,
      poor: false,
    };
  return {
    delay: Math.max(...both.map(({ rtt, jitter }) => wayDelay(rtt, jitter))),
    penalty: Math.max(...both.map(({ load, capacity }) => loadPenalty(load, capacity))),
    loss: Math.max(...both.map(({ loss }) => loss)),
    mos: Math.min(...both.map(({ mos }) => mos ?? 5)),
    cost: Math.max(...both.map(({ cost }) => cost)),
    room: Math.min(...both.map(({ load, capacity }) => capacity - load)),
    up: both.every(({ up }) => up),
    poor: both.some(({ poor }) => poor === true),
  };
}

/** The pairs of regions between which moves need a pipe. */
const pipesOf = (moves: Way): string[] =>
  moves
    .flatMap(({ from, to, via, use, real }) => [
      ...(via ? [[from, via] as const] : []),
      [via ?? from, to] as const,
      ...(use && real ? [[use, real] as const] : []),
    ])
    .filter(([a, b]) => a.region !== b.region)
    .map(([a, b]) => [a.region, b.region].sort().join());

const passable = (world: World, a: string, b: string, done: Way): boolean => {
  if (a === b) return true;
  const { up, room } = route(world, a, b);
  const used = pipesOf(done).filter((pair) => pair === [a, b].sort().join()).length;
  return up && room > used;
};

/** The gateways by which media may go between two others; undefined stands for the straight way. */
function vias(world: World, from: GatewayId, to: GatewayId, done: Way): (GatewayId | undefined)[] {
  const straight = passable(world, from.region, to.region, done);
  if (straight && (from.region === to.region || !route(world, from.region, to.region).poor))
    return [undefined];
  const relays = world.network.regions
    .filter(({ name }) => name !== from.region && name !== to.region && allowed(world, name))
    .filter(({ name }) => passable(world, from.region, name, done) && passable(world, name, to.region, done))
    .flatMap(({ name, gateways }) =>
      gateways
        .filter(({ healthy, draining, legs, capacity }) => healthy && !draining && legs < capacity)
        .map(({ name: gateway }) => ({ region: name, gateway })),
    );
  return straight ? [undefined, ...relays] : relays;
}

const room = ({ load, capacity }: ServiceState): number => Math.max(0, capacity - load);

/** Who may serve, and for a proxy each real service that may stand behind it. */
function servers(
  world: World,
  service: string,
  legs: readonly GatewayId[],
): { use: Service; real: Service }[] {
  const all = world.network.regions.flatMap((region) =>
    region.services
      .filter(({ name }) => name === service)
      .map((one): Service => ({ ...one, region: region.name })),
  );
  const works = (one: Service): boolean => {
    const host = regionNamed(world, one.region).gateways.find(({ name }) => name === one.gateway);
    return allowed(world, one.region) && one.healthy && host?.healthy === true && room(one) > 0;
  };
  const open = (one: Service): boolean => {
    const host = regionNamed(world, one.region).gateways.find(({ name }) => name === one.gateway)!;
    return !host.draining || legs.some((leg) => same(leg, one));
  };
  return all
    .filter((one) => works(one) && open(one))
    .flatMap((use) => {
      if (use.proxyOf === undefined) return [{ use, real: use }];
      const home = use.proxyOf;
      if (!passable(world, use.region, home, [])) return [];
      return all
        .filter((one) => one.region === home && one.proxyOf === undefined && works(one))
        .map((real) => ({ use, real }));
    });
}

const orders = <T>(list: readonly T[]): T[][] =>
  list.length === 0
    ? [[]]
    : list.flatMap((one, index) => orders(list.toSpliced(index, 1)).map((rest) => [one, ...rest]));

/** Every way of one branch, its copies included. */
function waysOf(world: World, plan: BranchPlan, legs: readonly GatewayId[], before: Way): Way[] {
  const [first, second] = plan.legs;
  const stops = (at: GatewayId, needs: readonly Need[], done: Way): Way[] => {
    const [need, ...rest] = needs;
    if (!need) {
      if (!second || plan.end) return [done];
      return vias(world, at, second, [...before, ...done]).map((via) => [
        ...done,
        { from: at, to: second, via, times: 1, side: false },
      ]);
    }
    const last = rest.length === 0 && (plan.end !== undefined || !second);
    return servers(world, need.service, legs).flatMap(({ use, real }) =>
      vias(world, at, use, [...before, ...done]).flatMap((via) =>
        stops(use, rest, [
          ...done,
          { from: at, to: use, via, use, real, times: last ? 1 : 2, side: false, need },
        ]),
      ),
    );
  };
  const copies = (needs: readonly Need[], done: Way): Way[] => {
    const [need, ...rest] = needs;
    if (!need) return [done];
    const nodes = [
      first!,
      ...done.filter(({ side }) => !side).flatMap(({ via, to }) => (via ? [via, to] : [to])),
    ];
    return servers(world, need.service, legs).flatMap(({ use, real }) =>
      nodes.flatMap((from) =>
        vias(world, from, use, [...before, ...done]).flatMap((via) =>
          copies(rest, [...done, { from, to: use, via, use, real, times: 1, side: true, need }]),
        ),
      ),
    );
  };
  return orders(plan.passes)
    .flatMap((needs) => stops(first!, plan.end ? [...needs, plan.end] : needs, []))
    .flatMap((way) => copies(plan.sides, way));
}

/** Whether everything that all branches use together has the room for it. */
function fits(world: World, moves: Way): boolean {
  const within = (used: readonly string[], most: (key: string) => number): boolean =>
    [...Map.groupBy(used, (key) => key)].every(([key, times]) => times.length <= most(key));
  const rooms = new Map<string, number>();
  const sessions = moves.flatMap(({ use, real }) =>
    [...new Set([use, real])].flatMap((one) => {
      if (!one) return [];
      const key = `${one.region} ${one.gateway} ${one.name}`;
      rooms.set(key, room(one));
      return [key];
    }),
  );
  return (
    within(sessions, (key) => rooms.get(key)!) &&
    within(pipesOf(moves), (key) => route(world, ...(key.split(',') as [string, string])).room)
  );
}

export function scoreWays(world: World, plans: readonly BranchPlan[], ways: readonly Way[]): RoutingScore {
  const { network, policies } = world;
  const factor = (name: string): number =>
    policies
      .flatMap(({ weights = [] }) => weights)
      .reduce((all, one) => (one.region === name ? all * one.factor : all), 1);
  const prefer = policies.find((policy) => policy.prefer)?.prefer;
  const regions = new Set<string>();
  const total = { poor: 0, side: 0, gateways: 0, cost: 0 };
  let [latency, distance, quality] = [0, 0, 4.5];
  for (const [index, way] of ways.entries()) {
    const branch = { latency: ENDPOINT_DELAY, distance: ENDPOINT_DELAY, kept: 1, mos: 5, transcodings: 0 };
    regions.add(plans[index]!.legs[0]!.region);
    total.gateways += 1;
    const wait = (side: boolean, plain: number, weighed: number): void => {
      if (side) total.side += weighed;
      else [branch.latency, branch.distance] = [branch.latency + plain, branch.distance + weighed];
    };
    const travel = (side: boolean, a: string, b: string): void => {
      const { delay, penalty, loss, mos } = route(world, a, b);
      wait(side, delay, (delay * (factor(a) + factor(b))) / 2 + penalty);
      if (!side) [branch.kept, branch.mos] = [branch.kept * (1 - loss), Math.min(branch.mos, mos)];
    };
    const pay = (a: string, b: string): void => {
      const { cost, poor } = route(world, a, b);
      total.cost += cost;
      total.poor += poor ? 1 : 0;
    };
    for (const { from, to, via, use, real, times, side } of way) {
      const hops = via
        ? [
            [from, via],
            [via, to],
          ]
        : same(from, to)
          ? []
          : [[from, to]];
      for (const [a, b] of hops as [GatewayId, GatewayId][]) {
        total.gateways += 1;
        wait(side, PIPE_DELAY, PIPE_DELAY);
        regions.add(b.region);
        if (a.region === b.region) continue;
        travel(side, a.region, b.region);
        pay(a.region, b.region);
      }
      if (!use || !real) continue;
      wait(side, serviceDelay(use.name), serviceDelay(use.name) + loadPenalty(use.load, use.capacity));
      total.cost += use.cost ?? 0;
      if (use.name === 'transcoding' && !side) branch.transcodings += 1;
      if (real === use) continue;
      total.gateways += 1;
      total.cost += real.cost ?? 0;
      wait(side, 0, loadPenalty(real.load, real.capacity));
      regions.add(real.region);
      if (real.region === use.region) continue;
      for (let time = 0; time < times; time++) travel(side, use.region, real.region);
      pay(use.region, real.region);
    }
    latency = Math.max(latency, branch.latency);
    distance = Math.max(distance, branch.distance);
    quality = Math.min(
      quality,
      branch.mos,
      estimateMos(branch.latency, 1 - branch.kept, branch.transcodings),
    );
  }
  const names = [...regions];
  const rank = (name: string): number =>
    prefer ? (prefer.includes(name) ? prefer.indexOf(name) : prefer.length) : 0;
  const sum = (of: (name: string) => number): number => names.reduce((all, name) => all + of(name), 0);
  return {
    overload: 0,
    prefix: 0,
    poor: total.poor,
    rank: sum(rank),
    regions: sum(factor),
    latency,
    distance,
    side: total.side,
    gateways: total.gateways,
    quality,
    cost: total.cost + sum((name) => network.regions.find((region) => region.name === name)!.cost),
    customerCost: 0,
  };
}

const keysOf: Record<Measure, (score: RoutingScore) => number[]> = {
  regions: ({ regions }) => [regions],
  latency: ({ distance, side, gateways }) => [
    Math.floor(distance / steps.latency + 1e-9),
    Math.floor(side / steps.latency + 1e-9),
    gateways,
  ],
  quality: ({ quality }) => [Math.floor((4.5 - quality) / steps.quality + 1e-9)],
  cost: ({ cost }) => [cost],
  'customer-cost': ({ customerCost }) => [customerCost],
};

/** Below 0 when `a` is the better score, 0 when neither is. */
export function compareByOrder(a: RoutingScore, b: RoutingScore, order: readonly Measure[]): number {
  const keys = (score: RoutingScore): number[] => [
    score.overload,
    -score.prefix,
    score.poor,
    score.rank,
    ...completeOrder(order).flatMap((measure) => keysOf[measure](score)),
  ];
  const [mine, theirs] = [keys(a), keys(b)];
  return (
    mine.map((key, index) => key - theirs[index]!).find((difference) => Math.abs(difference) > 1e-6) ?? 0
  );
}

/** The best score of all paths; undefined when there is none. `pinned`: the needs that have one place for all. */
export function bestOfAll(
  world: World,
  plans: readonly BranchPlan[],
  order: readonly Measure[],
  pinned: (need: Need) => boolean = () => false,
): RoutingScore | undefined {
  const legs = plans.flatMap((plan) => (plan.end ? plan.legs.slice(0, 1) : plan.legs));
  if (!legs.every(({ region }) => allowed(world, region))) return undefined;
  const together = (ways: readonly Way[]): boolean => {
    const places = new Map<Need, string>();
    return ways.flat().every(({ need, use }) => {
      if (!need || !use || !pinned(need)) return true;
      const place = `${use.region} ${use.gateway}`;
      if (!places.has(need)) places.set(need, place);
      return places.get(need) === place;
    });
  };
  const all = plans.reduce<Way[][]>(
    (some, plan) =>
      some.flatMap((ways) => waysOf(world, plan, legs, ways.flat()).map((way) => [...ways, way])),
    [[]],
  );
  return all
    .filter((ways) => together(ways) && fits(world, ways.flat()))
    .map((ways) => scoreWays(world, plans, ways))
    .reduce<RoutingScore | undefined>(
      (best, score) => (best && compareByOrder(best, score, order) <= 0 ? best : score),
      undefined,
    );
}
