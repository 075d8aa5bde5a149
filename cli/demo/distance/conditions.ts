/** What the way between two regions is like, in both directions. */
export interface Conditions {
  /** Milliseconds there and back; each direction takes half. */
  readonly rtt: number;
  /** Milliseconds, at most, that a packet takes longer: evenly spread from 0, drawn for each; 0 unless given. */
  readonly jitter?: number;
  /** Part of the UDP packets that is lost, 0 to 1; 0 unless given. TCP makes up for losses, so it has none here. */
  readonly loss?: number;
  /** Packets may overtake each other when jitter has it so; they keep their order unless this is true. */
  readonly reorder?: boolean;
}

/**
 * How a way is cut. `silent`: nothing arrives, as when a cable is dug up; TCP connections stay and go on when it is
 * mended. `reset`: TCP connections are reset, and so are new ones; UDP is dropped.
 */
export type Cut = 'silent' | 'reset';

/** What went one way between two regions. */
export interface Traffic {
  /** TCP. */
  readonly signalling: { readonly connections: number; readonly bytes: number };
  /** UDP. `packets` and `bytes` were passed on; `lost` were dropped by loss, by a cut or for lack of room. */
  readonly media: { readonly packets: number; readonly bytes: number; readonly lost: number };
}

export interface LinkTraffic extends Traffic {
  readonly from: string;
  readonly to: string;
}
