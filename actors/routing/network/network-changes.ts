import type { GatewayState, Network, RouteState, ServiceState } from './network.ts';

/** What of a change of the network concerns calls that are under way. */
export interface NetworkChanges {
  /** Gateways that went away. */
  readonly lost: readonly { readonly region: string; readonly gateway: string }[];
  /** Why ways in use should be looked at again, if they should. */
  readonly review?: string;
}

type Entry<T> = readonly [name: string, state: T];

const gatewaysOf = ({ regions }: Network): Map<string, GatewayState & { region: string }> =>
  new Map(
    regions.flatMap((region) =>
      region.gateways.map(
        (gateway) => [`${region.name}/${gateway.name}`, { ...gateway, region: region.name }] as const,
      ),
    ),
  );

const servicesOf = ({ regions }: Network): Entry<ServiceState>[] =>
  regions.flatMap((region) =>
    region.services.map((one) => [`${one.name} of ${region.name}/${one.gateway}`, one] as const),
  );

const routesOf = ({ routes }: Network): Entry<RouteState>[] =>
  routes.map((route) => [`${route.from} to ${route.to}`, route] as const);

/** Sentences about what is usable now and was not, or the other way round. Loads and measurements are no news. */
function news<T>(
  before: readonly Entry<T>[],
  after: readonly Entry<T>[],
  isGood: (state: T) => boolean,
  say: (name: string, good: boolean) => string,
): string[] {
  const good = (entries: readonly Entry<T>[]): Set<string> =>
    new Set(entries.filter(([, state]) => isGood(state)).map(([name]) => name));
  const [was, is] = [good(before), good(after)];
  return [
    ...[...is].filter((name) => !was.has(name)).map((name) => say(name, true)),
    ...[...was].filter((name) => !is.has(name)).map((name) => say(name, false)),
  ];
}

/** Names in one reason, at most; it is kept with every call that it concerns. */
const MOST_SENTENCES = 4;

export function changesOf(before: Network, after: Network): NetworkChanges {
  const now = gatewaysOf(after);
  const lost = [...gatewaysOf(before)]
    .filter(([name, gateway]) => gateway.healthy && !now.get(name)?.healthy)
    .map(([, { region, name }]) => ({ region, gateway: name }));
  const sentences = [
    ...news(
      servicesOf(before),
      servicesOf(after),
      ({ healthy }) => healthy,
      (name, good) => `${name} is ${good ? 'there' : 'gone'}`,
    ),
    ...news(
      routesOf(before),
      routesOf(after),
      ({ up, poor }) => up && !poor,
      (name, good) => `the way from ${name} is ${good ? 'good' : 'bad'}`,
    ),
  ];
  return { lost, ...(sentences.length > 0 && { review: sentences.slice(0, MOST_SENTENCES).join('; ') }) };
}
