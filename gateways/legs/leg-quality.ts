import type { LegEnded, StreamQuality } from '@tandem/proto/generated/events.ts';
import type { MediaStats } from '../media/index.ts';
import { meanOpinionScore } from '../media/index.ts';

interface Counted {
  /** That were sent, whether they came or not. */
  readonly packets: number;
  readonly lost: number;
  readonly jitter: number;
  readonly roundTrip: number | undefined;
}

const ofStream = ({ packets, lost, jitter, roundTrip }: Counted): StreamQuality => ({
  packets,
  lost,
  jitter,
  ...(roundTrip !== undefined && { roundTrip }),
  mos: meanOpinionScore({ packets: packets - lost, lost, jitter, roundTrip }),
});

/**
 * How a leg's media did all in all, for its last event: what was heard, what the peer reported of ours, and how much came
 * that was not taken.
 */
export function qualityOf(
  stats: MediaStats | undefined,
): Pick<LegEnded, 'heard' | 'told' | 'strangers' | 'keysDropped'> {
  if (stats === undefined) return {};
  const { stranger, keys } = stats.dropped;
  const { receivedPackets, sentPackets, jitter, roundTrip, remoteLost, remoteJitter = 0 } = stats;
  // Duplicates make the count of what is lost negative.
  const lost = Math.max(0, stats.lost);
  const packets = receivedPackets + lost;
  const lostThere = Math.min(Math.max(0, remoteLost ?? 0), sentPackets);
  return {
    ...(receivedPackets > 0 && { heard: ofStream({ packets, lost, jitter, roundTrip }) }),
    ...(sentPackets > 0 &&
      remoteLost !== undefined && {
        told: ofStream({ packets: sentPackets, lost: lostThere, jitter: remoteJitter, roundTrip }),
      }),
    ...(stranger > 0 && { strangers: stranger }),
    ...(keys > 0 && { keysDropped: keys }),
  };
}
