import type { KnownGateway, NetworkState } from './known-network.ts';
import type { GatewayKind, GatewayState, Network, RegionState, RouterState, RouteState } from './network.ts';

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
          name: service,
          gateway,
          capacity,
          cost,
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
      healthy,
      draining,
      legs: report?.legs ?? 0,
      capacity: started.capacity,
      codecs: started.codecs,
      trunks: started.trunks
        .filter(({ prefixes }) => prefixes.length > 0)
        .map(({ name: trunk, prefixes, cost, customerCost }) => ({
          name: trunk,
          prefixes,
          up: report?.trunks.find((one) => one.name === trunk)?.up ?? true,
          cost,
          customerCost,
        })),
    },
  ];
}

/** A way that nobody has measured is left out, unless it is known to be down: nobody knows how far it is. */
const isKnown = ({ measured, up }: RouteState): boolean => measured || !up;

/** The ways from a region to the peers of its configuration. */
export function routesFrom(from: string, state: NetworkState): RouteState[] {
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
      from,
      to,
      cost,
      capacity,
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
