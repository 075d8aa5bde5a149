import { RTP_HEADER_SIZE } from '../rtp/index.ts';

/**
 * A header extension of one word in the one-byte form (RFC 8285, section 4.2): element 1 with one byte, which is the
 * stream's name on pipes (RFC 8843, section 15). "0" is that of our code's stream.
 */
const EXTENSION = Uint8Array.of(0xbe, 0xde, 0, 1, 0x10, '0'.charCodeAt(0), 0, 0);
const HAS_EXTENSION = 0x10;

/** A copy of a packet of ours, whose header is 12 bytes, that says whose stream it is of. */
export const withStreamName = (packet: Uint8Array): Uint8Array => {
  const named = new Uint8Array(packet.length + EXTENSION.length);
  named.set(packet.subarray(0, RTP_HEADER_SIZE));
  named.set(EXTENSION, RTP_HEADER_SIZE);
  named.set(packet.subarray(RTP_HEADER_SIZE), RTP_HEADER_SIZE + EXTENSION.length);
  named[0]! |= HAS_EXTENSION;
  return named;
};
