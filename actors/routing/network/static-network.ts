import type {
  GatewayState,
  Network,
  NetworkView,
  RegionState,
  RouterState,
  RouteState,
  ServiceState,
  TrunkState,
} from './network.ts';

/** A network as somebody writes it down: what is not said is healthy, idle, free of charge and has room. */
export type NetworkPlan = {
  regions: (Named<Omit<RegionState, 'routers' | 'gateways' | 'services'>> & {
    routers?: Named<RouterState>[];
    gateways?: (Named<Omit<GatewayState, 'trunks'>> & { trunks?: Named<TrunkState>[] })[];
    services?: (Named<ServiceState> & { gateway: string })[];
  })[];
  routes?: RoutePlan[];
};
type Named<T extends { name: string }> = Partial<T> & { name: string };

/** A way between two regions, as somebody writes it down. */
export type RoutePlan = Partial<RouteState> & { from: string; to: string; rtt: number };

const CAPACITY = 1_000;

/** Routes that nobody has measured. */
export const plannedRoutes = (routes: readonly RoutePlan[]): RouteState[] =>
  routes.map((route) => ({
    jitter: 0,
    loss: 0,
    cost: 0,
    load: 0,
    capacity: CAPACITY,
    up: true,
    measured: false,
    ...route,
  }));

/** A whole network of what was written down. */
export const plannedNetwork = ({ regions, routes = [] }: NetworkPlan): Network => ({
  regions: regions.map(({ routers = [], gateways = [], services = [], ...region }) => ({
    main: routers.length > 0,
    healthy: true,
    cost: 0,
    ...region,
    routers: routers.map((router) => ({
      healthy: true,
      draining: false,
      calls: 0,
      capacity: CAPACITY,
      ...router,
    })),
    gateways: gateways.map(({ trunks = [], ...gateway }) => ({
      kinds: ['sip' as const],
      healthy: true,
      draining: false,
      legs: 0,
      capacity: CAPACITY,
      codecs: ['opus', 'PCMU', 'PCMA'],
      ...gateway,
      trunks: trunks.map((trunk) => ({ prefixes: [''], up: true, cost: 0, customerCost: 0, ...trunk })),
    })),
    services: services.map((service) => ({ healthy: true, load: 0, capacity: CAPACITY, ...service })),
  })),
  routes: plannedRoutes(routes),
});

/** A network that never changes: the static rule set, for when there is nothing to measure. */
export function staticNetworkView(plan: NetworkPlan): NetworkView {
  const network = plannedNetwork(plan);
  return { current: () => network };
}
