/**
 * The network as the routing policy looks at it: plain JSON data, one snapshot. Whoever makes one never changes it
 * afterwards but makes another (planners remember what they worked out from a snapshot by its identity). The
 * order of the lists means nothing. Names are unique: of regions in the network, of routers and gateways in their
 * region, of trunks in their gateway, of services in theirs (`name` and `gateway` together).
 */
export type Network = { regions: RegionState[]; routes: RouteState[] };

/** A number of sessions in progress is not negative and may pass `capacity`: what is full takes no more. */
export type RegionState = {
  /** `ie1` */
  name: string;
  /** Whether call routers are here. */
  main: boolean;
  /** False: nothing new goes here, neither signalling nor media. */
  healthy: boolean;
  /** What a minute of a call's media in this region costs us. Any currency, the same for the whole network. */
  cost: number;
  routers: RouterState[];
  gateways: GatewayState[];
  services: ServiceState[];
};

export type RouterState = {
  /** The process's name within its region, `router-1`. */
  name: string;
  healthy: boolean;
  /** True: it finishes the calls it has and takes no new ones. */
  draining: boolean;
  /** Calls in progress. */
  calls: number;
  /** The calls it may have at the same time. */
  capacity: number;
};

export type GatewayKind = 'sip' | 'client';

export type GatewayState = {
  /** `gw1` */
  name: string;
  kinds: GatewayKind[];
  healthy: boolean;
  /** True: it finishes the calls it has and takes no new ones. */
  draining: boolean;
  /** Legs in progress. */
  legs: number;
  /** The legs it may have at the same time. */
  capacity: number;
  /** What it offers on a leg that it places, the best first: `opus`, `PCMU`, `PCMA`. */
  codecs: string[];
  trunks: TrunkState[];
};

export type TrunkState = {
  name: string;
  /** How the numbers begin that it takes, `+353`; the empty string stands for every number. */
  prefixes: string[];
  /** Whether its provider answers. */
  up: boolean;
  /** What a minute through it costs us. */
  cost: number;
  /** What we charge the customer for a minute through it. */
  customerCost: number;
};

/** The services that the planner itself knows; there may be others, by any name. */
export const serviceNames = [
  'speech',
  'recognition',
  'transcoding',
  'recording',
  'detection',
  'conference',
  'queue',
] as const;

/** One service in one gateway of a region. */
export type ServiceState = {
  /** One of `serviceNames`, or any other. */
  name: string;
  /** The gateway of this region that holds its media. */
  gateway: string;
  healthy: boolean;
  /** Sessions in progress. */
  load: number;
  /** The sessions it may have at the same time. */
  capacity: number;
  /** What a minute of it costs us; 0 when absent. */
  cost?: number;
  /** A static proxy: the service itself is in this region, and media goes there and, if it passes through, back. */
  proxyOf?: string;
};

/**
 * The way from one region to another. A conversation takes it in both directions, so where the network has both, the
 * worse of the two counts; where it has one, that stands for both; where it has neither, the way is taken to be up and
 * as far as every other unknown one.
 */
export type RouteState = {
  from: string;
  to: string;
  /** Round trip, milliseconds. */
  rtt: number;
  /** Milliseconds, as RFC 3550 (6.4.1) estimates it. */
  jitter: number;
  /** The share of packets lost, 0 to 1. */
  loss: number;
  /** The mean opinion score heard over it, 1 to 4.5, where somebody measured it. Otherwise it is estimated. */
  mos?: number;
  /** What a minute of one call's media over it costs us. */
  cost: number;
  /** Pipes in progress. */
  load: number;
  /** The pipes it may have at the same time. */
  capacity: number;
  /** Whether packets pass at all. */
  up: boolean;
  /** It became worse than it should be: new calls leave it first, see `judgeRoute`. False when absent. */
  poor?: boolean;
  /** True: from live figures. False: from a table that somebody wrote down. */
  measured: boolean;
};

/** Where a planner's snapshots come from. */
export interface NetworkView {
  /** The newest snapshot: the same object until something changed. */
  current(): Network;
}
