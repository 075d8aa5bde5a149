/** The demo's regions: where they are, and which numbers their carriers reach. */
export const MAIN_REGION = { name: 'us1', place: 'washington', city: 'Washington' } as const;

export interface LocalRegion {
  readonly name: string;
  /** In region-rtt.csv. */
  readonly place: string;
  readonly city: string;
  readonly prefix: string;
  /** The number of the phone there that is called, and the key that leads to it. */
  readonly phone: string;
  readonly key: string;
}

export const LOCAL_REGIONS: readonly [LocalRegion, LocalRegion] = [
  {
    name: 'uk1',
    place: 'london',
    city: 'London',
    prefix: '+44',
    phone: '+442079460142',
    key: '1',
  },
  {
    name: 'de1',
    place: 'frankfurt',
    city: 'Frankfurt',
    prefix: '+49',
    phone: '+493023125142',
    key: '2',
  },
];
