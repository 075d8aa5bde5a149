import type { Network, NetworkView, RouteState } from './network.ts';

export interface Plan {
  /** Ways between regions as somebody wrote them down, each for both directions unless both are there. */
  readonly routes: readonly RouteState[];
  /** What a minute of a call's media in a region costs us, by its name. */
  readonly costs: ReadonlyMap<string, number>;
}

const wayOf = ({ from, to }: RouteState): string => `${from} ${to}`;

/** A network with what was written down of it, where nothing is measured. */
export function withPlan(network: Network, { routes, costs }: Plan): Network {
  if (routes.length === 0 && costs.size === 0) return network;
  const known = new Map(network.routes.map((route) => [wayOf(route), route]));
  const planned = routes
    .flatMap((route) => [route, { ...route, from: route.to, to: route.from }])
    .filter((route, index, all) => all.findIndex((other) => wayOf(other) === wayOf(route)) === index);
  const missing = planned.filter((route) => !known.has(wayOf(route)));
  const unmeasured = new Map(planned.map((route) => [wayOf(route), route]));
  return {
    regions: network.regions.map((region) => {
      const cost = costs.get(region.name);
      return cost === undefined ? region : { ...region, cost };
    }),
    routes: [
      ...network.routes.map((route) => {
        const plan = unmeasured.get(wayOf(route));
        return !plan || route.measured ? route : { ...plan, up: route.up, load: route.load };
      }),
      ...missing,
    ],
  };
}

/** The same for whatever a view shows; a snapshot is planned once. */
export function plannedView(view: NetworkView, plan: Plan): NetworkView {
  let seen: Network | undefined;
  let planned: Network | undefined;
  return {
    current() {
      const network = view.current();
      if (network !== seen || !planned) {
        seen = network;
        planned = withPlan(network, plan);
      }
      return planned;
    },
  };
}
