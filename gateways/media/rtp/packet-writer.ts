import { RTP_HEADER_SIZE, type RtpStamp, writeRtpHeader } from './rtp-packet.ts';
import type { SendStream } from './send-stream.ts';

/** Bytes of the largest payload that we make: 60 ms of G.711 have 480, Opus may have more. */
const MOST_BYTES = 1276;

const newPacket = (): Uint8Array => new Uint8Array(RTP_HEADER_SIZE + MOST_BYTES);

// One packet is made at a time in a thread, so all legs share these.
let packet = newPacket();
const stamp: RtpStamp = { marker: false, payloadType: 0, sequence: 0, timestamp: 0, ssrc: 0 };

/** Sends a packet; false when its buffer must not be used again. */
export type Transmit = (packet: Uint8Array, offset: number, length: number) => boolean;

/** Puts payloads into packets of a stream, as it stamped the last one, and sends them. */
export class PacketWriter {
  readonly #stream: SendStream;
  readonly #transmit: Transmit;

  constructor(stream: SendStream, transmit: Transmit) {
    this.#stream = stream;
    this.#transmit = transmit;
  }

  /** Where a payload of ours is written before `sendOwn`. */
  get payload(): Uint8Array {
    return packet.subarray(RTP_HEADER_SIZE);
  }

  sendOwn(size: number, payloadType: number): void {
    if (!this.send(packet, RTP_HEADER_SIZE, RTP_HEADER_SIZE + size, payloadType)) packet = newPacket();
  }

  /** Sends a payload where it lies, with its header in the 12 bytes before it. */
  send(bytes: Uint8Array, start: number, end: number, payloadType: number): boolean {
    stamp.marker = this.#stream.marker;
    stamp.payloadType = payloadType;
    stamp.sequence = this.#stream.sequence;
    stamp.timestamp = this.#stream.timestamp;
    stamp.ssrc = this.#stream.ssrc;
    const at = start - RTP_HEADER_SIZE;
    writeRtpHeader(bytes, at, stamp);
    this.#stream.count(end - start);
    return this.#transmit(bytes, at, end - at);
  }
}
