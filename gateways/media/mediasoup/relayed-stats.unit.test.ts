import { describe, expect, it } from '@jest/globals';
import type { types } from 'mediasoup';
import { addRelayed, NOTHING_RELAYED, relayedBy } from './relayed-stats.ts';

const received = (changes: object) =>
  ({ packetCount: 0, byteCount: 0, packetsLost: 0, jitter: 0, ...changes }) as types.ProducerStat;
const sent = (changes: object) =>
  ({ packetCount: 0, byteCount: 0, packetsLost: 0, jitter: 0, ...changes }) as types.RtpStreamSendStats;

describe('what a worker has counted', () => {
  it('is told in payload bytes and milliseconds, of all streams together', () => {
    const stats = relayedBy(
      'PCMU',
      [
        received({ packetCount: 10, byteCount: 1720, packetsLost: 1 }),
        received({ packetCount: 1, byteCount: 172, jitter: 16 }),
      ],
      [sent({ packetCount: 5, byteCount: 940 })],
    );
    expect(stats).toEqual({
      receivedPackets: 11,
      receivedOctets: 1760,
      lost: 1,
      jitter: 2,
      sentPackets: 5,
      sentOctets: 800,
    });
  });

  it('has a round trip once the peer has reported one', () => {
    const reported = sent({ roundTripTime: 40, packetsLost: 3, jitter: 480 });
    expect(relayedBy('opus', [], [reported, sent({ roundTripTime: 0 })])).toMatchObject({
      roundTrip: 40,
      remoteLost: 3,
      remoteJitter: 10,
    });
  });

  it('adds up over the times that a session was relayed', () => {
    const first = { ...NOTHING_RELAYED, receivedPackets: 5, lost: 1, roundTrip: 30 };
    const second = { ...NOTHING_RELAYED, receivedPackets: 7, jitter: 2 };
    expect(addRelayed(first, second)).toMatchObject({
      receivedPackets: 12,
      lost: 1,
      roundTrip: 30,
      jitter: 2,
    });
  });
});
