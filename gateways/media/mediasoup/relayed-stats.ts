import type { types } from 'mediasoup';
import { CODECS, type CodecName } from '../../audio/codecs/index.ts';
import type { MediaStats } from '../rtp/index.ts';
import { meanOpinionScore } from '../rtp/index.ts';

/** What a worker has counted of a session while it had its packets. Times in milliseconds. */
export type Relayed = Pick<
  MediaStats,
  'sentPackets' | 'sentOctets' | 'receivedPackets' | 'receivedOctets' | 'lost'
> &
  Partial<Pick<MediaStats, 'jitter' | 'roundTrip' | 'remoteLost' | 'remoteJitter'>>;

export const NOTHING_RELAYED: Relayed = {
  sentPackets: 0,
  sentOctets: 0,
  receivedPackets: 0,
  receivedOctets: 0,
  lost: 0,
};

/** Bytes of a packet that are not payload: RTP's header, and on what a worker sends an extension of its own. */
const HEADER = 12;
const HEADER_SENT = HEADER + 16;

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** What is said of a session by the streams that came from its peer and those that went to it. */
export const relayedBy = (
  codec: CodecName,
  received: readonly types.ProducerStat[],
  sent: readonly types.RtpStreamSendStats[],
): Relayed => {
  const milliseconds = (ticks: number) => (ticks * 1000) / CODECS[codec].clockRate;
  const packets = sum(received.map((stat) => stat.packetCount));
  const sentPackets = sum(sent.map((stat) => stat.packetCount));
  // A round trip is only known once the peer has reported.
  const reported = sent.findLast((stat) => (stat.roundTripTime ?? 0) > 0);
  return {
    sentPackets,
    sentOctets: Math.max(0, sum(sent.map((stat) => stat.byteCount)) - HEADER_SENT * sentPackets),
    receivedPackets: packets,
    receivedOctets: Math.max(0, sum(received.map((stat) => stat.byteCount)) - HEADER * packets),
    lost: sum(received.map((stat) => stat.packetsLost)),
    jitter: received.length === 0 ? undefined : milliseconds(received.at(-1)!.jitter),
    ...(reported !== undefined && {
      roundTrip: reported.roundTripTime,
      remoteLost: reported.packetsLost,
      remoteJitter: milliseconds(reported.jitter),
    }),
  };
};

/** Adds up what was relayed earlier and later; of what is no count the later is kept. */
export const addRelayed = (a: Relayed, b: Relayed): Relayed => ({
  sentPackets: a.sentPackets + b.sentPackets,
  sentOctets: a.sentOctets + b.sentOctets,
  receivedPackets: a.receivedPackets + b.receivedPackets,
  receivedOctets: a.receivedOctets + b.receivedOctets,
  lost: a.lost + b.lost,
  jitter: b.jitter ?? a.jitter,
  roundTrip: b.roundTrip ?? a.roundTrip,
  remoteLost: b.remoteLost ?? a.remoteLost,
  remoteJitter: b.remoteJitter ?? a.remoteJitter,
});

/** A session's figures, with what a worker had of it. */
export const withRelayed = (ours: MediaStats, relayed: Relayed): MediaStats => {
  const packets = ours.receivedPackets + relayed.receivedPackets;
  const lost = ours.lost + relayed.lost;
  const jitter = relayed.jitter ?? ours.jitter;
  const roundTrip = relayed.roundTrip ?? ours.roundTrip;
  return {
    ...ours,
    sentPackets: ours.sentPackets + relayed.sentPackets,
    sentOctets: ours.sentOctets + relayed.sentOctets,
    receivedPackets: packets,
    receivedOctets: ours.receivedOctets + relayed.receivedOctets,
    lost,
    jitter,
    roundTrip,
    mos: packets === 0 ? undefined : meanOpinionScore({ packets, lost, jitter, roundTrip }),
    remoteLost: relayed.remoteLost ?? ours.remoteLost,
    remoteJitter: relayed.remoteJitter ?? ours.remoteJitter,
  };
};
