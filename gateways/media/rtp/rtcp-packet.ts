/** What one receiver says of one source (RFC 3550, section 6.4.1). */
export interface ReportBlock {
  /** The source that is reported on. */
  readonly ssrc: number;
  /** Share of packets lost since the last report: 0 to 255, of 256. */
  readonly fractionLost: number;
  /** Packets lost since the start: -2^23 to 2^23 - 1 (negative with duplicates). */
  readonly lost: number;
  /** Highest sequence number received, with its cycles in the upper 16 bits. */
  readonly highestSequence: number;
  /** In RTP clock ticks. */
  readonly jitter: number;
  /** The middle 32 bits of the last sender report's NTP time; 0 when there was none. */
  readonly lastReport: number;
  /** Since that report came in; in 1/65536 s. */
  readonly delaySinceLastReport: number;
}

/** What a sender says of its stream. */
export interface SenderInfo {
  /** NTP time: seconds since 1900 and their fraction in 1/2^32 s. */
  readonly ntpSeconds: number;
  readonly ntpFraction: number;
  readonly rtpTimestamp: number;
  readonly packets: number;
  readonly octets: number;
}

export type RtcpPacket =
  | {
      readonly type: 'report';
      readonly ssrc: number;
      readonly sender?: SenderInfo;
      readonly reports: readonly ReportBlock[];
    }
  | { readonly type: 'description'; readonly ssrc: number; readonly cname?: string }
  | { readonly type: 'bye'; readonly sources: readonly number[] };

const SENDER_REPORT = 200;
const RECEIVER_REPORT = 201;
const SOURCE_DESCRIPTION = 202;
const GOODBYE = 203;
const CNAME = 1;
const BLOCK_SIZE = 24;

const parseReport = (view: DataView, count: number, isSender: boolean): RtcpPacket | undefined => {
  const blocksAt = isSender ? 28 : 8;
  if (view.byteLength < blocksAt + count * BLOCK_SIZE) return undefined;
  const reports = Array.from({ length: count }, (_, i): ReportBlock => {
    const at = blocksAt + i * BLOCK_SIZE;
    return {
      ssrc: view.getUint32(at),
      fractionLost: view.getUint8(at + 4),
      lost: (view.getInt32(at + 4) << 8) >> 8,
      highestSequence: view.getUint32(at + 8),
      jitter: view.getUint32(at + 12),
      lastReport: view.getUint32(at + 16),
      delaySinceLastReport: view.getUint32(at + 20),
    };
  });
  if (!isSender) return { type: 'report', ssrc: view.getUint32(4), reports };
  const sender = {
    ntpSeconds: view.getUint32(8),
    ntpFraction: view.getUint32(12),
    rtpTimestamp: view.getUint32(16),
    packets: view.getUint32(20),
    octets: view.getUint32(24),
  };
  return { type: 'report', ssrc: view.getUint32(4), sender, reports };
};

/** Reads the first chunk of a source description: an endpoint of one stream has only one. */
const parseDescription = (view: DataView, count: number): RtcpPacket | undefined => {
  if (count === 0 || view.byteLength < 8) return undefined;
  const ssrc = view.getUint32(4);
  for (let at = 8; at + 1 < view.byteLength && view.getUint8(at) !== 0; at += 2 + view.getUint8(at + 1)) {
    const length = view.getUint8(at + 1);
    if (view.getUint8(at) !== CNAME || at + 2 + length > view.byteLength) continue;
    const bytes = new Uint8Array(view.buffer, view.byteOffset + at + 2, length);
    return { type: 'description', ssrc, cname: new TextDecoder().decode(bytes) };
  }
  return { type: 'description', ssrc };
};

const parseGoodbye = (view: DataView, count: number): RtcpPacket | undefined =>
  view.byteLength < 4 + 4 * count
    ? undefined
    : { type: 'bye', sources: Array.from({ length: count }, (_, i) => view.getUint32(4 + 4 * i)) };

/**
 * Reads a compound RTCP packet. Types that we do not use (APP, feedback, extended reports) are left out.
 *
 * @returns undefined when it is not valid as a whole (RFC 3550, appendix A.2)
 */
export const parseRtcp = (packet: Uint8Array): readonly RtcpPacket[] | undefined => {
  const whole = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const found: RtcpPacket[] = [];
  let at = 0;
  while (at < packet.length) {
    if (at + 4 > packet.length) return undefined;
    const first = whole.getUint8(at);
    const type = whole.getUint8(at + 1);
    const size = 4 * (whole.getUint16(at + 2) + 1);
    if (first >> 6 !== 2 || at + size > packet.length) return undefined;
    if (at === 0 && type !== SENDER_REPORT && type !== RECEIVER_REPORT) return undefined;
    const view = new DataView(packet.buffer, packet.byteOffset + at, size);
    const count = first & 0x1f;
    if (type === SENDER_REPORT || type === RECEIVER_REPORT) {
      const report = size >= 8 ? parseReport(view, count, type === SENDER_REPORT) : undefined;
      if (report === undefined) return undefined;
      found.push(report);
    } else if (type === SOURCE_DESCRIPTION || type === GOODBYE) {
      const parsed = type === GOODBYE ? parseGoodbye(view, count) : parseDescription(view, count);
      if (parsed !== undefined) found.push(parsed);
    }
    at += size;
  }
  return found.length > 0 ? found : undefined;
};

export interface RtcpToSend {
  readonly ssrc: number;
  readonly cname: string;
  /** Present when we have sent since the last two reports: the report is then a sender report. */
  readonly sender?: SenderInfo;
  /** At most 31. */
  readonly reports: readonly ReportBlock[];
  /** Ends with BYE: we are leaving. */
  readonly bye?: boolean;
}

const writeHeader = (view: DataView, at: number, count: number, type: number, size: number): void => {
  view.setUint8(at, 0x80 | count);
  view.setUint8(at + 1, type);
  view.setUint16(at + 2, size / 4 - 1);
};

const writeBlock = (view: DataView, at: number, block: ReportBlock): void => {
  view.setUint32(at, block.ssrc);
  view.setUint32(at + 4, block.lost & 0xffffff);
  view.setUint8(at + 4, block.fractionLost);
  view.setUint32(at + 8, block.highestSequence);
  view.setUint32(at + 12, block.jitter);
  view.setUint32(at + 16, block.lastReport);
  view.setUint32(at + 20, block.delaySinceLastReport);
};

/** A compound packet: sender or receiver report, source description with CNAME, and perhaps BYE. */
export const writeRtcp = (packet: RtcpToSend): Uint8Array => {
  const cname = new TextEncoder().encode(packet.cname).subarray(0, 255);
  const reportSize = (packet.sender === undefined ? 8 : 28) + packet.reports.length * BLOCK_SIZE;
  // The list of items ends with at least one zero byte and fills its last word (RFC 3550, section 6.5).
  const descriptionSize = 4 * Math.ceil((8 + 2 + cname.length + 1) / 4);
  const goodbyeSize = packet.bye === true ? 8 : 0;
  const bytes = new Uint8Array(reportSize + descriptionSize + goodbyeSize);
  const view = new DataView(bytes.buffer);

  const type = packet.sender === undefined ? RECEIVER_REPORT : SENDER_REPORT;
  writeHeader(view, 0, packet.reports.length, type, reportSize);
  view.setUint32(4, packet.ssrc);
  if (packet.sender !== undefined) {
    view.setUint32(8, packet.sender.ntpSeconds);
    view.setUint32(12, packet.sender.ntpFraction);
    view.setUint32(16, packet.sender.rtpTimestamp);
    view.setUint32(20, packet.sender.packets);
    view.setUint32(24, packet.sender.octets);
  }
  const blocksAt = reportSize - packet.reports.length * BLOCK_SIZE;
  for (const [i, block] of packet.reports.entries()) writeBlock(view, blocksAt + i * BLOCK_SIZE, block);

  writeHeader(view, reportSize, 1, SOURCE_DESCRIPTION, descriptionSize);
  view.setUint32(reportSize + 4, packet.ssrc);
  view.setUint8(reportSize + 8, CNAME);
  view.setUint8(reportSize + 9, cname.length);
  bytes.set(cname, reportSize + 10);

  if (packet.bye === true) {
    writeHeader(view, reportSize + descriptionSize, 1, GOODBYE, goodbyeSize);
    view.setUint32(reportSize + descriptionSize + 4, packet.ssrc);
  }
  return bytes;
};
