import { payloadOffset, RTP_HEADER_SIZE } from '../rtp/index.ts';
import { open, TAG_LENGTH } from './aead.ts';
import type { SessionKeys } from './key-derivation.ts';
import { PacketWindow } from './packet-window.ts';
import { ENCRYPTED, RTCP_HEADER_LENGTH } from './srtp-sender.ts';

const TRAILER_LENGTH = 4;

/**
 * Streams of one key. A pipe's other end takes another SSRC each time that its packets take another way, some times in
 * a call; and none may be forgotten, or its packets could be repeated.
 */
export const MAX_STREAMS = 4096;

/**
 * Reads SRTP and SRTCP of one key (RFC 7714), whose streams begin and end as they like: each SSRC has a rollover
 * counter and a window of its own. What is forged or repeated is refused, and changes nothing.
 */
export class SrtpReceiver {
  readonly #keys: SessionKeys;
  readonly #rtp = new Map<number, PacketWindow>();
  readonly #rtcp = new Map<number, PacketWindow>();

  constructor(keys: SessionKeys) {
    this.#keys = keys;
  }

  /** @returns RTP; undefined for what the other end did not send now */
  open(packet: Uint8Array): Uint8Array | undefined {
    if (packet.length < RTP_HEADER_SIZE + TAG_LENGTH || packet[0]! >> 6 !== 2) return undefined;
    const start = payloadOffset(packet);
    const end = packet.length - TAG_LENGTH;
    if (start === undefined || start > end) return undefined;
    const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
    const ssrc = view.getUint32(8);
    const window = windowOf(this.#rtp, ssrc);
    const index = window?.guess(view.getUint16(2));
    if (window === undefined || index === undefined || !window.isNew(index)) return undefined;
    const header = packet.subarray(0, start);
    const text = packet.subarray(start, end);
    const plain = open(this.#keys.rtp, ssrc, index, header, text, packet.subarray(end));
    if (plain === undefined) return undefined;
    this.#rtp.set(ssrc, window);
    window.add(index);
    return Buffer.concat([header, plain]);
  }

  /** @returns compound RTCP; undefined for what the other end did not send now, or sent without encryption */
  openControl(packet: Uint8Array): Uint8Array | undefined {
    const end = packet.length - TRAILER_LENGTH - TAG_LENGTH;
    if (end < RTCP_HEADER_LENGTH || packet[0]! >> 6 !== 2) return undefined;
    const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
    const ssrc = view.getUint32(4);
    const index = view.getUint32(packet.length - TRAILER_LENGTH) - ENCRYPTED;
    const window = windowOf(this.#rtcp, ssrc);
    // Without encryption the index is less than 0.
    if (window === undefined || !window.isNew(index)) return undefined;
    const header = packet.subarray(0, RTCP_HEADER_LENGTH);
    const proven = Buffer.concat([header, packet.subarray(packet.length - TRAILER_LENGTH)]);
    const text = packet.subarray(RTCP_HEADER_LENGTH, end);
    const tag = packet.subarray(end, end + TAG_LENGTH);
    const plain = open(this.#keys.rtcp, ssrc, index, proven, text, tag);
    if (plain === undefined) return undefined;
    this.#rtcp.set(ssrc, window);
    window.add(index);
    return Buffer.concat([header, plain]);
  }
}

/** A stream's window, a new one for a new stream; undefined when there are too many. It is kept once a packet is proven. */
const windowOf = (streams: Map<number, PacketWindow>, ssrc: number): PacketWindow | undefined =>
  streams.get(ssrc) ?? (streams.size < MAX_STREAMS ? new PacketWindow() : undefined);
