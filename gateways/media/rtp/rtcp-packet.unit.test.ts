import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseRtcp, writeRtcp } from './rtcp-packet.ts';

const uint32 = fc.nat(0xffffffff);
const block = fc.record({
  ssrc: uint32,
  fractionLost: fc.nat(255),
  lost: fc.integer({ min: -0x800000, max: 0x7fffff }),
  highestSequence: uint32,
  jitter: uint32,
  lastReport: uint32,
  delaySinceLastReport: uint32,
});
const sender = fc.record({
  ntpSeconds: uint32,
  ntpFraction: uint32,
  rtpTimestamp: uint32,
  packets: uint32,
  octets: uint32,
});
const compound = fc.record({
  ssrc: uint32,
  cname: fc.string({ maxLength: 30 }),
  sender: fc.option(sender, { nil: undefined }),
  reports: fc.array(block, { maxLength: 3 }),
  bye: fc.boolean(),
});

describe('a compound RTCP packet', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(compound, (packet) => {
        const { ssrc, cname, reports, bye } = packet;
        const report = packet.sender === undefined ? {} : { sender: packet.sender };
        const bytes = writeRtcp(packet);
        expect(bytes.length % 4).toBe(0);
        expect(parseRtcp(bytes)).toEqual([
          { type: 'report', ssrc, reports, ...report },
          { type: 'description', ssrc, cname },
          ...(bye ? [{ type: 'bye', sources: [ssrc] }] : []),
        ]);
      }),
    );
  });

  it('passes over types that we do not use', () => {
    const report = writeRtcp({ ssrc: 1, cname: 'a', reports: [] });
    const feedback = [0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2];
    expect(parseRtcp(Uint8Array.from([...report, ...feedback]))).toHaveLength(2);
  });

  it('is refused as a whole when a part of it is cut off or of another version, or it begins with no report', () => {
    const bytes = writeRtcp({ ssrc: 1, cname: 'a', reports: [], bye: true });
    expect(parseRtcp(bytes.subarray(0, bytes.length - 4))).toBeUndefined();
    expect(parseRtcp(bytes.subarray(0, bytes.length - 2))).toBeUndefined();
    expect(parseRtcp(bytes.subarray(8))).toBeUndefined();
    expect(parseRtcp(new Uint8Array())).toBeUndefined();
    const otherVersion = bytes.slice();
    otherVersion[8] = 0x41;
    expect(parseRtcp(otherVersion)).toBeUndefined();
    const moreBlocksThanRoom = bytes.slice();
    moreBlocksThanRoom[0] = 0x9f;
    expect(parseRtcp(moreBlocksThanRoom)).toBeUndefined();
  });

  it('never throws, whatever the bytes', () => {
    const noise = fc.uint8Array({ maxLength: 80 });
    const damaged = fc
      .tuple(compound, fc.array(fc.tuple(fc.nat(150), fc.nat(255)), { maxLength: 5 }), fc.nat(150))
      .map(([packet, changes, length]) => {
        const bytes = writeRtcp(packet);
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        return bytes.slice(0, length);
      });
    fc.assert(
      fc.property(fc.oneof(noise, damaged), (bytes) => {
        const packets = parseRtcp(bytes);
        expect(packets === undefined || packets.length > 0).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
