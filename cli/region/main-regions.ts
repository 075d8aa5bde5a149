import type { MainRegion } from '@tandem/gateways/uplink';
import type { RegionConfig } from '../config/index.ts';

/** The name of a router of which only the address is given. */
const ONLY_ROUTER = 'r1';

/** The main regions of a configuration, each with its routers. */
export const mainRegions = ({ mains }: RegionConfig['link']): MainRegion[] =>
  mains.map(({ name, address, routers }) => ({
    name,
    routers: routers ?? [{ name: ONLY_ROUTER, address: address! }],
  }));
