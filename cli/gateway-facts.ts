import type { WatchedTrunk } from '@tandem/gateways/gateway/trunk-watch.ts';
import type { GatewayService, GatewayTrunk, Messages } from '@tandem/proto/generated/events.ts';
import type { RegionConfig } from './config/region-config.ts';

/** What a gateway says of its trunks when it starts. */
export const trunksOf = ({ trunks }: Pick<RegionConfig, 'trunks'>): GatewayTrunk[] =>
  trunks.map(({ name, prefixes, cost, customerCost }) => ({ name, prefixes, cost, customerCost }));

/** The trunks whose providers are to be asked whether they are there. */
export const watchedTrunks = ({ trunks }: Pick<RegionConfig, 'trunks'>): WatchedTrunk[] =>
  trunks
    .filter(({ probe }) => probe > 0)
    .map(({ name, address, transport, probe }) => ({
      ...{ name, every: probe * 1000 },
      uri: `sip:${address};transport=${transport}`,
    }));

/** What a gateway says of its media services when it starts. */
export const servicesOf = ({ services }: Pick<RegionConfig, 'services'>): GatewayService[] =>
  Object.entries(services).map(([name, { capacity, cost, proxyOf }]) => ({
    ...{ name, capacity, cost },
    ...(proxyOf !== undefined && { proxyOf }),
  }));

/** What a region says of itself when it starts. */
export const regionFacts = (
  { region, cost, border }: Pick<RegionConfig, 'region' | 'cost' | 'border'>,
  process: { node: string; version: string },
): Messages['RegionStarted'] => ({
  ...{ region, cost },
  ...process,
  peers: (border?.peers ?? []).map((peer) => ({
    region: peer.region,
    cost: peer.cost,
    capacity: peer.capacity,
  })),
});
