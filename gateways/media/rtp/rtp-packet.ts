/** Ticks per second of the RTP clock that most codecs have (RFC 3551). */
export const CLOCK_RATE = 8000;
/** Bytes of the header that we write: no contributing sources, no extension. */
export const RTP_HEADER_SIZE = 12;

/** What an RTP packet's header says (RFC 3550, section 5.1). */
export interface RtpHeader {
  marker: boolean;
  payloadType: number;
  sequence: number;
  timestamp: number;
  ssrc: number;
  /** Offsets of the payload: without contributing sources, extension and padding. */
  payloadStart: number;
  payloadEnd: number;
}

export const emptyRtpHeader = (): RtpHeader => ({
  marker: false,
  payloadType: 0,
  sequence: 0,
  timestamp: 0,
  ssrc: 0,
  payloadStart: 0,
  payloadEnd: 0,
});

const uint32 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;

/** Where the payload starts, or undefined when the fields before it do not fit the packet. */
export const payloadOffset = (packet: Uint8Array): number | undefined => {
  const afterSources = RTP_HEADER_SIZE + 4 * (packet[0]! & 0x0f);
  if ((packet[0]! & 0x10) === 0) return afterSources <= packet.length ? afterSources : undefined;
  if (afterSources + 4 > packet.length) return undefined;
  const words = (packet[afterSources + 2]! << 8) | packet[afterSources + 3]!;
  const afterExtension = afterSources + 4 + 4 * words;
  return afterExtension <= packet.length ? afterExtension : undefined;
};

/**
 * Reads a packet's header into an object that the caller reuses, since this runs for every packet.
 *
 * @returns false when the bytes are no RTP packet; `into` is then undefined in meaning
 */
export const parseRtp = (packet: Uint8Array, into: RtpHeader): boolean => {
  if (packet.length < RTP_HEADER_SIZE || packet[0]! >> 6 !== 2) return false;
  const start = payloadOffset(packet);
  if (start === undefined) return false;
  const padded = (packet[0]! & 0x20) !== 0;
  const padding = padded ? packet[packet.length - 1]! : 0;
  if (padded && padding === 0) return false;
  const end = packet.length - padding;
  if (end < start) return false;
  into.marker = (packet[1]! & 0x80) !== 0;
  into.payloadType = packet[1]! & 0x7f;
  into.sequence = (packet[2]! << 8) | packet[3]!;
  into.timestamp = uint32(packet, 4);
  into.ssrc = uint32(packet, 8);
  into.payloadStart = start;
  into.payloadEnd = end;
  return true;
};

/** The fields of a header that a sender chooses. */
export type RtpStamp = Pick<RtpHeader, 'marker' | 'payloadType' | 'sequence' | 'timestamp' | 'ssrc'>;

/** Writes a header of 12 bytes at `at`. */
export const writeRtpHeader = (packet: Uint8Array, at: number, stamp: RtpStamp): void => {
  packet[at] = 0x80;
  packet[at + 1] = (stamp.marker ? 0x80 : 0) | stamp.payloadType;
  packet[at + 2] = stamp.sequence >> 8;
  packet[at + 3] = stamp.sequence;
  packet[at + 4] = stamp.timestamp >>> 24;
  packet[at + 5] = stamp.timestamp >>> 16;
  packet[at + 6] = stamp.timestamp >>> 8;
  packet[at + 7] = stamp.timestamp;
  packet[at + 8] = stamp.ssrc >>> 24;
  packet[at + 9] = stamp.ssrc >>> 16;
  packet[at + 10] = stamp.ssrc >>> 8;
  packet[at + 11] = stamp.ssrc;
};

/** Whether a datagram on a port that carries both is RTCP: by its second byte (RFC 5761, section 4). */
export const isRtcp = (packet: Uint8Array): boolean =>
  packet.length >= 8 && packet[1]! >= 192 && packet[1]! <= 223;

/** How far sequence number `a` is ahead of `b`: -32768 to 32767. */
export const sequenceAhead = (a: number, b: number): number => ((a - b) << 16) >> 16;

/** How far timestamp `a` is ahead of `b`: -2^31 to 2^31 - 1. */
export const timestampAhead = (a: number, b: number): number => (a - b) | 0;
