import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { RemoteMedia } from '../plane/media-plane.ts';
import type { SignalledSource } from '../rtp/source-latch.ts';
import { LegReceiver } from './leg-receiver.ts';

const PEER = { address: '192.0.2.1', port: 4000 };
const SIGNALLED: SignalledSource = {
  source: PEER,
  isPublic: true,
  rule: 'host',
  isTrusted: () => false,
};
const REMOTE: RemoteMedia = {
  ...PEER,
  rtcpPort: 4001,
  codec: 'PCMU',
  payloadType: 0,
  dtmfPayloadType: 101,
  direction: 'sendrecv',
  ptime: 20,
  alsoHeard: [
    { codec: 'PCMA', payloadType: 8, dtmfPayloadType: 101 },
    { codec: 'opus', payloadType: 96 },
  ],
};

/** Packets that get far: version 2, an agreed payload type, anything else. */
const packets = fc
  .tuple(fc.uint8Array({ minLength: 2, maxLength: 60 }), fc.constantFrom(0, 13, 101, 8, 96))
  .map(([bytes, payloadType]) => {
    bytes[0] = 0x80 | (bytes[0]! & 0x3f);
    bytes[1] = (bytes[1]! & 0x80) | payloadType;
    return bytes;
  });

it('takes anything that a peer may send, and passes on nothing outside a packet', () => {
  const stream = fc.array(fc.tuple(packets, fc.nat(1000)), { maxLength: 40 });
  fc.assert(
    fc.property(stream, fc.boolean(), (sent, knowsEvents) => {
      let frames = 0;
      const receiver = new LegReceiver('a', {
        latched: () => {},
        heard: () => {},
        refused: () => {},
        digit: ({ digit, duration }) => {
          expect('0123456789*#ABCD').toContain(digit);
          expect(duration).toBeGreaterThanOrEqual(0);
        },
        frame: ({ packet, payloadStart, payloadEnd }) => {
          frames += 1;
          expect(payloadStart).toBeGreaterThanOrEqual(12);
          expect(payloadEnd).toBeLessThanOrEqual(packet.length);
        },
      });
      receiver.connect({ ...REMOTE, dtmfPayloadType: knowsEvents ? 101 : undefined }, SIGNALLED, 0);
      let now = 0;
      let taken = 0;
      for (const [bytes, pause] of sent) {
        now += pause;
        if (receiver.take(bytes, PEER, now) === undefined) taken += 1;
        receiver.sweep(now);
      }
      expect(frames).toBe(taken);
    }),
    { numRuns: 300 },
  );
});
