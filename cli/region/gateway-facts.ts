import type { WatchedTrunk } from '@tandem/gateways/health';
import type { GatewayService, GatewayTrunk, Messages } from '@tandem/proto/generated/events.ts';
import type { RegionConfig } from '../config/index.ts';

/** What a gateway says of its trunks when it starts. */
export const trunksOf = ({ trunks }: Pick<RegionConfig, 'trunks'>): GatewayTrunk[] =>
  trunks.map(({ name, prefixes, cost, customerCost }) => ({ name, prefixes, cost, customerCost }));

/** The trunk of a name; there is none of whom no trunk lists. */
export const trunkOf = ({ trunks }: Pick<RegionConfig, 'trunks'>, name: string | undefined) =>
  trunks.find((trunk) => trunk.name === name);

/** The trunks whose providers are to be asked whether they are there. */
export const watchedTrunks = ({ trunks }: Pick<RegionConfig, 'trunks'>): WatchedTrunk[] =>
  trunks
    .filter(({ probe }) => probe > 0)
    .map(({ name, address, transport, probe }) => ({
      name,
      every: probe * 1000,
      uri: `sip:${address};transport=${transport}`,
    }));

/** The services of a gateway whose configuration does not say. */
const USUAL_SERVICES: NonNullable<RegionConfig['services']> = {
  speech: { capacity: 1000, cost: 0 },
  transcoding: { capacity: 1000, cost: 0 },
  detection: { capacity: 1000, cost: 0 },
};

export const configuredServices = ({ services }: Pick<RegionConfig, 'services'>) =>
  services ?? USUAL_SERVICES;

/** What a gateway says of its media services when it starts. */
export const servicesOf = (config: Pick<RegionConfig, 'services'>): GatewayService[] =>
  Object.entries(configuredServices(config)).map(([name, service]) => ({ name, ...service }));

/** What a region says of itself when it starts. */
export const regionFacts = (
  { region, cost, border }: Pick<RegionConfig, 'region' | 'cost' | 'border'>,
  process: { node: string; version: string },
): Messages['RegionStarted'] => ({
  region,
  cost,
  ...process,
  peers: (border?.peers ?? []).map((peer) => ({
    region: peer.region,
    cost: peer.cost,
    capacity: peer.capacity,
  })),
});
