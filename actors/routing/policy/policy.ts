/** What paths are compared by. */
export const measures = ['regions', 'latency', 'quality', 'cost', 'customer-cost'] as const;
export type Measure = (typeof measures)[number];

export const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Day = (typeof days)[number];

/** A part of the day that comes again. */
export type Hours = {
  /** IANA time zone, `Europe/Dublin`. */
  zone: string;
  /** Absent: every day. Of hours past midnight, the day on which they began. */
  days?: Day[];
  /** `HH:MM`, from then on. */
  from: string;
  /** `HH:MM`, until before then; not after `from` means the next day. */
  until: string;
};

/** One end of a call. All that is written has to hold; of a list, one entry. */
export type Party = {
  /** A number, SIP URI or `client:` and an identity; with `*` at its end, whatever begins so. */
  endpoints?: string[];
  /** Where its leg is. */
  regions?: string[];
  types?: string[];
};

/** Which calls a policy is for. All that is written has to hold; of a list, one entry. Empty: every call. */
export type Scope = {
  /** Calls of the account and of its subaccounts. */
  accounts?: string[];
  /** Calls of the subaccount. */
  subaccounts?: string[];
  /** Either end is this; written as in `Party`. */
  endpoints?: string[];
  /** A leg of the call is there. */
  regions?: string[];
  from?: Party;
  to?: Party;
  directions?: ('inbound' | 'outbound')[];
  media?: string[];
  hours?: Hours[];
};

/**
 * A rule about the regions that the media of some calls may or should pass. Of several that apply, prohibitions add
 * up and subsets cut each other; weights are multiplied; of the rest, each comes from the most specific policy that
 * says it: endpoint before subaccount before account before everything else, then more conditions before fewer,
 * then the one that is written first.
 */
export type Policy = {
  /** Unique; decisions name it. */
  name: string;
  when?: Scope;
  /** No packet of the media passes these regions. */
  prohibit?: string[];
  /** Media passes these regions only. */
  only?: string[];
  /** Those before all others, the first before the second, whatever the measures say. */
  prefer?: string[];
  /** How much more than another a region counts against a path: by 2, as two regions and twice as far. */
  weights?: { region: string; factor: number }[];
  /** The measures that decide, the first decides first; those not named follow in their usual order. */
  order?: Measure[];
  /** Whether media may go past the platform. One policy that says false is enough. */
  peerToPeer?: boolean;
  /**
   * Whether live calls leave a way that still works when there is a better one. They always leave one that is broken
   * or that has become prohibited.
   */
  liveCalls?: 'stay' | 'move';
  /** Of a call with many endpoints: each branch takes its own best way, or one that is best for the whole call. */
  branches?: 'each' | 'whole';
  /** True: `prohibit`, `only` and `prefer` are also for the choice of the call router. */
  signalling?: boolean;
};
