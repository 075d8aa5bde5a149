/** What a media session has measured since it was allocated. Times in milliseconds. */
export interface MediaStats {
  readonly sentPackets: number;
  readonly sentOctets: number;
  readonly receivedPackets: number;
  readonly receivedOctets: number;
  /** Packets that never came, by their sequence numbers; negative when there were more duplicates. */
  readonly lost: number;
  readonly jitter: number;
  /** Of the peer's last report about us. */
  readonly roundTrip?: number;
  /** How good the audio that comes in is likely to sound: 1 to 4.41; none before the first packet. */
  readonly mos?: number;
  /** Of the peer's last report about us: packets of ours that it misses, and their jitter. */
  readonly remoteLost?: number;
  readonly remoteJitter?: number;
  /** The highest sequence number of ours that it has had, its cycles counted; only its growth means something. */
  readonly remoteHighest?: number;
  /** Packets that came and were not used, by reason. */
  readonly dropped: Readonly<Record<DropReason, number>>;
}

/**
 * `early`: before the far end was known; `unwanted`: while we said that we do not receive; `late`: far out of
 * sequence; `unauthentic`: on a pipe, not of its other end, or a repetition; `unproven`: of a source that is heard from its second packet on, or was until SDP named another; `keys`: keys beyond what a leg may press, not packets. Packets from strangers are seen while the address in
 * SDP is not followed, and else a tenth of the time: the kernel drops the others.
 */
export type DropReason =
  | 'malformed'
  | 'payloadType'
  | 'stranger'
  | 'unproven'
  | 'unauthentic'
  | 'rate'
  | 'early'
  | 'unwanted'
  | 'late'
  | 'keys';

export const noDrops = (): Record<DropReason, number> => ({
  malformed: 0,
  payloadType: 0,
  stranger: 0,
  unproven: 0,
  unauthentic: 0,
  rate: 0,
  early: 0,
  unwanted: 0,
  late: 0,
  keys: 0,
});
