import type { Messages } from '@tandem/proto/generated/events.ts';
import type { EventType } from '../events/event-schema.ts';
import { type GatewayName, sayGateway } from '../link/gateway-name.ts';
import type { BothWays, GatewayReport } from '../link/gateway-report.ts';
import { judgeRoute, type RouteVerdict, unjudged } from './judge-route.ts';
import type { GatewayKind, GatewayState, Network, RegionState, RouterState, RouteState } from './network.ts';

/** What is known of one gateway: what it says in its events, what it reports, and whether its link stands. */
export interface KnownGateway {
  readonly name: GatewayName;
  readonly started?: Messages['GatewayStarted'];
  readonly stopped: boolean;
  readonly draining: boolean;
  readonly report?: GatewayReport;
  /** Milliseconds since the Unix epoch; nothing while the link stands. */
  readonly lostAt?: number;
}

export interface KnownRegion {
  readonly started?: Messages['RegionStarted'];
  /** Peers whose border answers, by the region's own events. */
  readonly reached: ReadonlySet<string>;
}

/** All that a main region knows of its network. Never changed, but replaced. */
export interface NetworkState {
  readonly regions: ReadonlyMap<string, KnownRegion>;
  /** By `ie1/gw1`. */
  readonly gateways: ReadonlyMap<string, KnownGateway>;
  /** Of the ways between regions, by `ie1 us1`. */
  readonly verdicts: ReadonlyMap<string, RouteVerdict>;
}

export const nothingKnown: NetworkState = {
  regions: new Map(),
  gateways: new Map(),
  verdicts: new Map(),
};

const withGateway = (
  state: NetworkState,
  name: GatewayName,
  changes: Partial<KnownGateway>,
): NetworkState => {
  const known = state.gateways.get(sayGateway(name)) ?? { name, stopped: false, draining: false };
  return {
    ...state,
    gateways: new Map(state.gateways).set(sayGateway(name), { ...known, ...changes }),
  };
};

const withRegion = (state: NetworkState, name: string, changes: Partial<KnownRegion>): NetworkState => {
  const known = state.regions.get(name) ?? { reached: new Set<string>() };
  return { ...state, regions: new Map(state.regions).set(name, { ...known, ...changes }) };
};

/** What an event of a gateway's or region's stream changes. */
export function afterEvent(
  state: NetworkState,
  { stream, type, region, data }: { stream: string; type: string; region: string; data: unknown },
): NetworkState {
  if (stream.startsWith(`gateway-${region}-`)) {
    const name = { region, gateway: stream.slice(`gateway-${region}-`.length) };
    switch (type as EventType) {
      case 'GatewayStarted':
        return withGateway(state, name, { started: data as Messages['GatewayStarted'], stopped: false });
      case 'GatewayDrainRequested':
        return withGateway(state, name, { draining: true });
      case 'GatewayResumed':
        return withGateway(state, name, { draining: false });
      case 'GatewayStopped':
        return withGateway(state, name, { stopped: true });
      default:
        return state;
    }
  }
  if (stream !== `region-${region}`) return state;
  const reached = new Set(state.regions.get(region)?.reached);
  switch (type as EventType) {
    case 'RegionStarted':
      return withRegion(state, region, {
        started: data as Messages['RegionStarted'],
        reached: new Set(),
      });
    case 'PeerConnected':
      return withRegion(state, region, { reached: reached.add((data as Messages['PeerConnected']).peer) });
    case 'PeerLost':
      reached.delete((data as Messages['PeerLost']).peer);
      return withRegion(state, region, { reached });
    default:
      return state;
  }
}

/** The newest report of a gateway; each is one more sample of the ways to other regions. */
export function afterReport(state: NetworkState, name: GatewayName, report: GatewayReport): NetworkState {
  const reported = withReport(state, name, report);
  const verdicts = new Map(state.verdicts);
  const about = new Set(report.routes.map(({ region }) => region));
  for (const route of routesFrom(name.region, reported)) {
    if (!route.measured || !about.has(route.to)) continue;
    const key = `${route.from} ${route.to}`;
    verdicts.set(key, judgeRoute(verdicts.get(key) ?? unjudged, route));
  }
  return { ...reported, verdicts };
}

/** What a report does not say of quality, the one before said last. */
function withReport(state: NetworkState, name: GatewayName, report: GatewayReport): NetworkState {
  const before = state.gateways.get(sayGateway(name))?.report;
  const quality = <T extends BothWays>(now: T, then: BothWays | undefined): T => ({
    ...(then?.heard && { heard: then.heard }),
    ...(then?.told && { told: then.told }),
    ...now,
  });
  return withGateway(state, name, {
    report: {
      ...report,
      trunks: report.trunks.map((trunk) =>
        quality(
          trunk,
          before?.trunks.find(({ name }) => name === trunk.name),
        ),
      ),
      routes: report.routes.map((route) =>
        quality(
          route,
          before?.routes.find(({ region }) => region === route.region),
        ),
      ),
    },
    draining: report.draining,
  });
}

export const afterLink = (state: NetworkState, name: GatewayName, lostAt: number | undefined): NetworkState =>
  withGateway(state, name, { lostAt });

/** Milliseconds since the Unix epoch at which a gateway that is lost counts as unhealthy. */
export const unhealthyFrom = ({ lostAt }: KnownGateway, patience: number): number | undefined =>
  lostAt === undefined ? undefined : lostAt + patience;

/** Whether a gateway may be chosen for anything new, as far as its link and its events say. */
export const isHealthy = (gateway: KnownGateway, now: number, patience: number): boolean =>
  gateway.started !== undefined &&
  !gateway.stopped &&
  now < (unhealthyFrom(gateway, patience) ?? Number.POSITIVE_INFINITY);

export interface NetworkOptions {
  /** Milliseconds. */
  readonly now: number;
  /** Milliseconds for which a gateway's link may be gone before the gateway counts as unhealthy. */
  readonly patience: number;
  /** Call routers by their region. */
  readonly routers: ReadonlyMap<string, readonly RouterState[]>;
}

/** The network as the planner looks at it. */
export function networkOf(state: NetworkState, options: NetworkOptions): Network {
  const names = new Set([
    ...state.regions.keys(),
    ...[...state.gateways.values()].map(({ name }) => name.region),
    ...options.routers.keys(),
  ]);
  return {
    regions: [...names].sort().map((name) => regionOf(name, state, options)),
    routes: [...names]
      .sort()
      .flatMap((name) => routesFrom(name, state))
      .filter(isKnown),
  };
}

function regionOf(name: string, state: NetworkState, options: NetworkOptions): RegionState {
  const gateways = gatewaysOf(name, state);
  const routers = [...(options.routers.get(name) ?? [])];
  const healthyOf = (one: KnownGateway): boolean => isHealthy(one, options.now, options.patience);
  return {
    name,
    main: options.routers.has(name),
    healthy: gateways.some(healthyOf) || routers.some(({ healthy }) => healthy),
    cost: state.regions.get(name)?.started?.cost ?? 0,
    routers,
    gateways: gateways.flatMap((one) => gatewayState(one, healthyOf(one))),
    services: gateways.flatMap(({ name: { gateway }, started, report, ...rest }) =>
      (started?.services ?? []).map(({ name: service, capacity, cost, proxyOf }) => {
        const load = report?.services.find((one) => one.name === service);
        return {
          ...{ name: service, gateway, capacity, cost },
          healthy:
            healthyOf({ name: { region: name, gateway }, started, report, ...rest }) &&
            (load?.healthy ?? true),
          load: load?.sessions ?? 0,
          ...(proxyOf !== undefined && { proxyOf }),
        };
      }),
    ),
  };
}

const gatewaysOf = (region: string, { gateways }: NetworkState): KnownGateway[] =>
  [...gateways.values()]
    .filter(({ name }) => name.region === region)
    .sort((one, other) => (one.name.gateway < other.name.gateway ? -1 : 1));

function gatewayState({ name, started, draining, report }: KnownGateway, healthy: boolean): GatewayState[] {
  if (!started) return [];
  return [
    {
      name: name.gateway,
      kinds: started.kinds as GatewayKind[],
      ...{ healthy, draining },
      legs: report?.legs ?? 0,
      capacity: started.capacity,
      codecs: started.codecs,
      trunks: started.trunks
        .filter(({ prefixes }) => prefixes.length > 0)
        .map(({ name: trunk, prefixes, cost, customerCost }) => ({
          name: trunk,
          prefixes,
          up: report?.trunks.find((one) => one.name === trunk)?.up ?? true,
          ...{ cost, customerCost },
        })),
    },
  ];
}

/** A way that nobody has measured is left out, unless it is known to be down: nobody knows how far it is. */
const isKnown = ({ measured, up }: RouteState): boolean => measured || !up;

/** The ways from a region to the peers of its configuration. */
function routesFrom(from: string, state: NetworkState): RouteState[] {
  const region = state.regions.get(from);
  const reports = gatewaysOf(from, state).flatMap(({ report }) => report?.routes ?? []);
  return (region?.started?.peers ?? []).map(({ region: to, cost, capacity }) => {
    const about = reports.filter((route) => route.region === to);
    const border = about.find(({ roundTrip }) => roundTrip !== undefined);
    const heard = about.flatMap(({ heard, told }) => [heard, told].filter((one) => one !== undefined));
    const packets = heard.reduce((sum, one) => sum + one.packets, 0);
    const mean = (value: (one: (typeof heard)[number]) => number): number =>
      heard.reduce((sum, one) => sum + value(one) * one.packets, 0) / packets;
    const scored = heard.filter(({ mos }) => mos !== undefined);
    return {
      ...{ from, to, cost, capacity },
      rtt: border?.roundTrip ?? (packets > 0 ? mean((one) => one.roundTrip ?? 0) : 0),
      jitter: packets > 0 ? mean(({ jitter }) => jitter) : (border?.jitter ?? 0),
      loss: packets > 0 ? mean(({ loss }) => loss) : 0,
      ...(scored.length > 0 && { mos: Math.min(...scored.map(({ mos }) => mos!)) }),
      load: about.reduce((sum, { pipes }) => sum + pipes, 0),
      up: border?.up ?? region!.reached.has(to),
      poor: state.verdicts.get(`${from} ${to}`)?.poor ?? false,
      measured: border !== undefined,
    };
  });
}
