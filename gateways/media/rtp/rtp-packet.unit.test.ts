import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  emptyRtpHeader,
  isRtcp,
  parseRtp,
  RTP_HEADER_SIZE,
  sequenceAhead,
  timestampAhead,
  writeRtpHeader,
} from './rtp-packet.ts';

const parse = (...bytes: number[]) => {
  const header = emptyRtpHeader();
  return parseRtp(Uint8Array.from(bytes), header) ? header : undefined;
};
const FIXED = [0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3];

describe('an RTP header', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.nat(127),
        fc.nat(0xffff),
        fc.nat(0xffffffff),
        fc.nat(0xffffffff),
        fc.uint8Array({ maxLength: 200 }),
        (marker, payloadType, sequence, timestamp, ssrc, payload) => {
          const packet = new Uint8Array(RTP_HEADER_SIZE + payload.length);
          writeRtpHeader(packet, 0, { marker, payloadType, sequence, timestamp, ssrc });
          packet.set(payload, RTP_HEADER_SIZE);
          const header = emptyRtpHeader();
          expect(parseRtp(packet, header)).toBe(true);
          expect(header).toEqual({
            marker,
            payloadType,
            sequence,
            timestamp,
            ssrc,
            payloadStart: 12,
            payloadEnd: packet.length,
          });
        },
      ),
    );
  });

  it('leaves contributing sources, extension and padding out of the payload', () => {
    const sources = [1, 1, 1, 1, 2, 2, 2, 2];
    const extension = [0xbe, 0xde, 0, 1, 9, 9, 9, 9];
    const header = parse(0xb2, ...FIXED, ...sources, ...extension, 77, 78, 0, 2);
    expect(header).toMatchObject({ payloadStart: 28, payloadEnd: 30 });
  });

  it('is refused when what it announces is not there', () => {
    expect(parse(0x40, ...FIXED)).toBeUndefined();
    expect(parse(0x80, ...FIXED.slice(1))).toBeUndefined();
    expect(parse(0x81, ...FIXED)).toBeUndefined();
    expect(parse(0x90, ...FIXED, 0, 0)).toBeUndefined();
    expect(parse(0x90, ...FIXED, 0, 0, 0, 1)).toBeUndefined();
    expect(parse(0xa0, ...FIXED, 1, 0)).toBeUndefined();
    expect(parse(0xa0, ...FIXED, 1, 3)).toBeUndefined();
  });

  it('never points outside a packet, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.boolean(), (bytes, asVersion2) => {
        if (asVersion2 && bytes.length > 0) bytes[0] = 0x80 | (bytes[0]! & 0x3f);
        const header = emptyRtpHeader();
        if (!parseRtp(bytes, header)) return;
        expect(header.payloadStart).toBeGreaterThanOrEqual(RTP_HEADER_SIZE);
        expect(header.payloadEnd).toBeGreaterThanOrEqual(header.payloadStart);
        expect(header.payloadEnd).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 2000 },
    );
  });
});

it('tells RTCP from RTP by the second byte', () => {
  const packet = new Uint8Array(8);
  const asType = (type: number) => isRtcp(packet.fill(type, 1, 2));
  expect([191, 192, 200, 223, 224].map(asType)).toEqual([false, true, true, true, false]);
  // The marker and payload type 72 would look like a sender report: such types are not to be used.
  expect(asType(0x80 | 72)).toBe(true);
});

it('compares numbers that wrap', () => {
  expect(sequenceAhead(2, 0xffff)).toBe(3);
  expect(sequenceAhead(0xffff, 2)).toBe(-3);
  expect(timestampAhead(100, 0xffffff9c)).toBe(200);
  expect(timestampAhead(0xffffff9c, 100)).toBe(-200);
});
