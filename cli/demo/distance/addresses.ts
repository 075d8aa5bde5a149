/** The most regions that have addresses. */
export const MOST_REGIONS = 200;

/**
 * Where a region binds what other regions reach: `127.0.R.N`, by its index R among the regions (0 is the main
 * region) and the number N of the network, 1 to 254, by which networks on one machine stay apart.
 */
export const ownAddress = (region: number, network: number): string => `127.0.${region}.${network}`;

/**
 * The address of a region as another sees it: `127.A+1.R.N`. There the emulator listens; it is a place on the way,
 * and each direction between two regions has one.
 */
export const addressSeenFrom = (from: number, region: number, network: number): string =>
  `127.${from + 1}.${region}.${network}`;
