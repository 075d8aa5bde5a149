import type { Messages } from '@tandem/proto/generated/events.ts';
import type { GatewayReport } from '../../link/index.ts';
import type { GatewayId } from '../../names/index.ts';
import type { RouteVerdict } from './judge-route.ts';

/** What is known of one gateway: what it says in its events, what it reports, and whether its link stands. */
export interface KnownGateway {
  readonly name: GatewayId;
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
