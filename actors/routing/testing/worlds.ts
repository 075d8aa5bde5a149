import fc from 'fast-check';
import type { GatewayState, Network, RegionState, RouteState, ServiceState } from '../network/network.ts';
import { measures, type Policy } from '../policy/policy.ts';
import type { Need, PathLeg, PathRequest } from '../question/questions.ts';

/** Small worlds in which everything that a planner looks at happens to be true now and then. */

const NAMES = ['ie1', 'de1', 'us1', 'jp1', 'br1'];
const SERVICES = ['transcoding', 'recording', 'speech', 'conference'];
const rarely = fc.integer({ min: 0, max: 7 }).map((n) => n === 0);
const cents = fc.integer({ min: 0, max: 3 }).map((n) => n / 4);
/** Nothing in progress, some, or as much as there may be. */
const usage = fc.record({ load: fc.integer({ min: 0, max: 3 }), capacity: fc.integer({ min: 1, max: 3 }) });

const codecs: fc.Arbitrary<string[]> = fc.constantFrom<string[]>(['opus', 'PCMU'], ['PCMU'], ['PCMA']);

const gateway = (name: string): fc.Arbitrary<GatewayState> =>
  fc.record({
    name: fc.constant(name),
    kinds: fc.constant(['sip', 'client'] as GatewayState['kinds']),
    healthy: rarely.map((not) => !not),
    draining: rarely,
    legs: fc.integer({ min: 0, max: 10 }),
    capacity: fc.constant(10),
    codecs,
    trunks: fc.uniqueArray(
      fc.record({
        name: fc.constantFrom('carrier', 'other'),
        prefixes: fc.constantFrom([''], ['+353'], ['+1', '+353'], ['+49']),
        up: rarely.map((not) => !not),
        cost: cents,
        customerCost: cents,
      }),
      { maxLength: 2, selector: ({ name }) => name },
    ),
  });

const service = (regions: readonly string[]): fc.Arbitrary<ServiceState> =>
  fc
    .record({
      name: fc.constantFrom(...SERVICES),
      gateway: fc.constantFrom('gw1', 'gw2'),
      healthy: rarely.map((not) => !not),
      usage,
      cost: fc.option(cents, { nil: undefined }),
      proxyOf: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, fc.constantFrom(...regions)),
    })
    .map(({ usage: { load, capacity }, ...rest }) => ({ ...rest, load, capacity }));

const region = (name: string, all: readonly string[], most: number): fc.Arbitrary<RegionState> =>
  fc
    .record({
      main: fc.boolean(),
      healthy: rarely.map((not) => !not),
      cost: cents,
      routers: fc.uniqueArray(
        fc.record({
          name: fc.constantFrom('router-1', 'router-2'),
          healthy: rarely.map((not) => !not),
          draining: rarely,
          calls: fc.integer({ min: 0, max: 4 }),
          capacity: fc.constant(4),
        }),
        { maxLength: 2, selector: (one) => one.name },
      ),
      gateways: fc
        .tuple(gateway('gw1'), gateway('gw2'), fc.boolean())
        .map(([a, b, both]) => (both ? [a, b] : [a])),
      services: fc.uniqueArray(service(all), {
        maxLength: most,
        selector: (one) => `${one.name} ${one.gateway}`,
      }),
    })
    .map((rest) => ({ name, ...rest }));

const route = (from: string, to: string): fc.Arbitrary<RouteState | undefined> =>
  fc.option(
    fc
      .record({
        from: fc.constant(from),
        to: fc.constant(to),
        rtt: fc.integer({ min: 4, max: 300 }),
        jitter: fc.integer({ min: 0, max: 20 }),
        loss: fc.constantFrom(0, 0, 0.002, 0.05),
        mos: fc.constantFrom(undefined, undefined, 3.2, 4.1),
        cost: cents,
        usage,
        up: rarely.map((not) => !not),
        poor: rarely,
        measured: fc.boolean(),
      })
      .map(({ usage: { load, capacity }, ...rest }) => ({ ...rest, load: load % 2, capacity: capacity * 2 })),
    { nil: undefined, freq: 6 },
  );

/** @param count how many regions at most */
export const networks = (count = 4, servicesEach = 3): fc.Arbitrary<Network> =>
  fc.integer({ min: 1, max: count }).chain((size) => {
    const names = NAMES.slice(0, size);
    const pairs = names.flatMap((from) => names.filter((to) => to !== from).map((to) => [from, to] as const));
    return fc
      .tuple(
        fc.tuple(...names.map((name) => region(name, names, servicesEach))),
        fc.tuple(...pairs.map(([from, to]) => route(from, to))),
      )
      .map(([regions, routes]) => ({ regions, routes: routes.filter((one) => one !== undefined) }));
  });

const some = fc.subarray(NAMES, { minLength: 1, maxLength: 2 });
const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 1 });

/** Policies for every call. */
export const policies: fc.Arbitrary<Policy[]> = fc
  .array(
    fc.record({
      prohibit: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, some),
      only: fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, fc.subarray(NAMES, { minLength: 3 })),
      prefer: optional(some),
      weights: optional(
        fc.array(fc.record({ region: fc.constantFrom(...NAMES), factor: fc.constantFrom(0.5, 2, 3) }), {
          maxLength: 2,
        }),
      ),
      order: optional(fc.shuffledSubarray([...measures])),
      peerToPeer: optional(fc.boolean()),
      branches: optional(fc.constantFrom('each' as const, 'whole' as const)),
    }),
    { maxLength: 2 },
  )
  .map((all) => all.map((policy, index) => ({ name: `policy-${index + 1}`, ...policy })));

const need: fc.Arbitrary<Need> = fc.oneof(
  fc.constant<Need>({ service: 'transcoding', kind: 'intermediary' }),
  fc.constant<Need>({ service: 'recording', kind: 'intermediary' }),
  fc.constant<Need>({ service: 'recording', kind: 'side' }),
  fc.constant<Need>({ service: 'speech', kind: 'endpoint', legId: 'LE1' }),
  fc.constant<Need>({ service: 'conference', kind: 'endpoint', shared: true }),
);

/** Legs in a network, and what they need. */
export const pathRequests = (network: Network, legs = 2, needs = 2): fc.Arbitrary<PathRequest> => {
  const places = network.regions.flatMap(({ name, gateways }) =>
    gateways.map((gateway) => ({ region: name, gateway: gateway.name })),
  );
  const leg = fc.record({
    place: fc.constantFrom(...places),
    codecs,
    peerToPeer: fc.constantFrom(undefined, undefined, 'office'),
  });
  return fc
    .record({
      callSid: fc.integer({ min: 0, max: 1e6 }).map((n) => `CA${n}`),
      legs: fc.array(leg, { minLength: 1, maxLength: legs }),
      needs: fc.uniqueArray(need, { maxLength: needs, selector: ({ service, kind }) => service + kind }),
    })
    .map(({ callSid, legs: all, needs: wanted }) => ({
      callSid,
      from: '+15550111',
      to: '+15550100',
      direction: 'inbound',
      time: 0,
      needs: wanted,
      legs: all.map(
        ({ place, ...rest }, index): PathLeg => ({
          ...place,
          ...rest,
          legId: `LE${index + 1}`,
          mediaTypes: ['audio'],
        }),
      ),
    }));
};

/** The same network with all its lists in another order. */
export const reordered = ({ regions, routes }: Network): Network => ({
  regions: regions.toReversed().map((one) => ({
    ...one,
    routers: one.routers.toReversed(),
    gateways: one.gateways.toReversed().map((each) => ({ ...each, trunks: each.trunks.toReversed() })),
    services: one.services.toReversed(),
  })),
  routes: routes.toReversed(),
});
