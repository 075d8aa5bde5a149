import { payloadOffset } from '../rtp/index.ts';
import { seal } from './aead.ts';
import type { SessionKeys } from './key-derivation.ts';
import { PacketWindow } from './packet-window.ts';

/** Bytes of an RTCP packet's header, which are sent as they are (RFC 7714, section 9.2). */
export const RTCP_HEADER_LENGTH = 8;
/** In the last word of an SRTCP packet, before its index: that the packet is encrypted. */
export const ENCRYPTED = 0x8000_0000;
/** SRTCP's index has 31 bits. */
const LAST_INDEX = 0x7fff_ffff;

/** Makes SRTP and SRTCP of the packets of one stream (RFC 7714): one SSRC, which no other stream with its key has. */
export class SrtpSender {
  readonly #keys: SessionKeys;
  readonly #sent = new PacketWindow();
  #lastReport = 0;

  constructor(keys: SessionKeys) {
    this.#keys = keys;
  }

  /**
   * @param packet RTP; it is left as it is
   * @returns undefined for a packet whose sequence number was sent before, lately or long ago: two packets with one
   * nonce would give away what is in them, and let others be forged (RFC 7714, section 15.1)
   */
  protect(packet: Uint8Array): Uint8Array | undefined {
    const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
    const start = payloadOffset(packet)!;
    const index = this.#sent.guess(view.getUint16(2));
    if (!this.#sent.isNew(index)) return undefined;
    this.#sent.add(index);
    const header = packet.subarray(0, start);
    return Buffer.concat([
      header,
      ...seal(this.#keys.rtp, view.getUint32(8), index, header, packet.subarray(start)),
    ]);
  }

  /**
   * @param packet compound RTCP; it is left as it is
   * @returns undefined once all indices were used
   */
  protectControl(packet: Uint8Array): Uint8Array | undefined {
    if (this.#lastReport === LAST_INDEX) return undefined;
    this.#lastReport += 1;
    const ssrc = new DataView(packet.buffer, packet.byteOffset).getUint32(4);
    const header = packet.subarray(0, RTCP_HEADER_LENGTH);
    const trailer = Buffer.alloc(4);
    trailer.writeUInt32BE(ENCRYPTED + this.#lastReport);
    const proven = Buffer.concat([header, trailer]);
    const plain = packet.subarray(RTCP_HEADER_LENGTH);
    return Buffer.concat([header, ...seal(this.#keys.rtcp, ssrc, this.#lastReport, proven, plain), trailer]);
  }
}
