import type { Messages } from '@tandem/proto/generated/events.ts';
import type { EventType } from '../../events/index.ts';
import type { BothWays, GatewayReport } from '../../link/index.ts';
import { formatGateway, type GatewayId, regionStream } from '../../names/index.ts';
import { judgeRoute, unjudged } from './judge-route.ts';
import type { KnownGateway, KnownRegion, NetworkState } from './known-network.ts';
import { routesFrom } from './network-of-state.ts';

const withGateway = (state: NetworkState, name: GatewayId, changes: Partial<KnownGateway>): NetworkState => {
  const known = state.gateways.get(formatGateway(name)) ?? { name, stopped: false, draining: false };
  return {
    ...state,
    gateways: new Map(state.gateways).set(formatGateway(name), { ...known, ...changes }),
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
  if (stream !== regionStream(region)) return state;
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
export function afterReport(state: NetworkState, name: GatewayId, report: GatewayReport): NetworkState {
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
function withReport(state: NetworkState, name: GatewayId, report: GatewayReport): NetworkState {
  const before = state.gateways.get(formatGateway(name))?.report;
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
      ...((report.sipUris ?? before?.sipUris) && {
        sipUris: quality(report.sipUris ?? {}, before?.sipUris),
      }),
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

export const afterLink = (state: NetworkState, name: GatewayId, lostAt: number | undefined): NetworkState =>
  withGateway(state, name, { lostAt });
