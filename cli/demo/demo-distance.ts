import { LOCAL_REGIONS, MAIN_REGION } from './demo-places.ts';
import { Distance, readRoundTrips } from './distance/index.ts';

const PLACES = [MAIN_REGION, ...LOCAL_REGIONS];
const LOOPBACK = '127.0.0.1';

/** Where the demo's regions find each other, and how far from each other they seem to be. */
export interface DemoDistance {
  /** Why nothing is far here; absent where distances are as on the map. */
  readonly missing?: string;
  addressOf(region: string): string;
  seenFrom(from: string, region: string): string;
  /** Has a TCP port of a region reached from the others, and UDP ports. */
  openTcp(region: string, port: number): Promise<void>;
  openUdp(region: string, first: number, last: number): Promise<void>;
  /** Milliseconds from one region to another and back. */
  roundTrip(one: string, other: string): number;
  close(): Promise<void>;
}

const roundTrips = readRoundTrips();
const placeOf = (region: string): string => PLACES.find(({ name }) => name === region)!.place;
const roundTrip = (one: string, other: string): number => roundTrips.between(placeOf(one), placeOf(other));

/** All regions in one place: for systems whose loopback is one address only. */
const here = (missing: string): DemoDistance => ({
  missing,
  addressOf: () => LOOPBACK,
  seenFrom: () => LOOPBACK,
  openTcp: async () => {},
  openUdp: async () => {},
  roundTrip: () => 0,
  close: async () => {},
});

/** The distances of the map, if this system lets every region have an address of its own. */
export async function openDemoDistance(): Promise<DemoDistance> {
  const names = PLACES.map(({ name }) => name);
  if (process.platform !== 'linux')
    return here('only Linux gives a process more addresses than 127.0.0.1 without asking');
  const distance = new Distance({ regions: names });
  for (const one of names)
    for (const other of names)
      if (one < other) await distance.setRoute(one, other, { rtt: roundTrip(one, other) });
  const toOthers = async (region: string, open: (from: string) => Promise<void>): Promise<void> => {
    for (const from of names) if (from !== region) await open(from);
  };
  return {
    addressOf: (region) => distance.addressOf(region),
    seenFrom: (from, region) => distance.seenFrom(from, region),
    openTcp: (region, port) => toOthers(region, (from) => distance.openTcp(from, region, port)),
    openUdp: (region, first, last) => toOthers(region, (from) => distance.openUdp(from, region, first, last)),
    roundTrip,
    close: () => distance.close(),
  };
}
