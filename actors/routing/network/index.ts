export { byName } from './by-name.ts';
export {
  ENDPOINT_DELAY,
  loadPenalty,
  NEARLY_FULL,
  PIPE_DELAY,
  serviceDelay,
  UNKNOWN_RTT,
  wayDelay,
} from './delays.ts';
export { dnsRecords } from './dns-records.ts';
export { type GatewayHealth, LiveNetwork, type LiveNetworkOptions } from './live-network.ts';
export type {
  GatewayKind,
  GatewayState,
  Network,
  NetworkView,
  RegionState,
  RouterState,
  RouteState,
  TrunkState,
} from './network.ts';
export { changesOf, type NetworkChanges } from './network-changes.ts';
export { NetworkFeed } from './network-feed.ts';
export { plannedView } from './planned-view.ts';
export { estimateMos } from './quality.ts';
export { plannedNetwork, plannedRoutes } from './static-network.ts';
