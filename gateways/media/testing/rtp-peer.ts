import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { decode, encode } from '../g711-codec.ts';
import type { CodecName, RemoteMedia } from '../media-plane.ts';
import { parseRtcp, type RtcpPacket } from '../rtcp-packet.ts';
import { emptyRtpHeader, parseRtp, RTP_HEADER_SIZE, type RtpHeader, writeRtpHeader } from '../rtp-packet.ts';

export interface ReceivedPacket {
  readonly header: RtpHeader;
  readonly payload: Uint8Array;
}

/** A telephone for tests: real sockets, sends packets that it is told to, keeps all that it receives. */
export class RtpPeer {
  readonly rtp: Socket;
  readonly rtcp: Socket;
  readonly packets: ReceivedPacket[] = [];
  readonly reports: (readonly RtcpPacket[])[] = [];
  ssrc = 0x1234_5678;
  sequence = 1000;
  timestamp = 50_000;
  #changed: () => void = () => {};

  private constructor(rtp: Socket, rtcp: Socket) {
    this.rtp = rtp;
    this.rtcp = rtcp;
    rtp.on('message', (bytes) => {
      const header = emptyRtpHeader();
      if (!parseRtp(bytes, header)) throw new Error('The engine sent something that is not RTP.');
      this.packets.push({ header, payload: bytes.subarray(header.payloadStart, header.payloadEnd) });
      this.#changed();
    });
    rtcp.on('message', (bytes) => {
      this.reports.push(parseRtcp(bytes)!);
      this.#changed();
    });
  }

  static async open(): Promise<RtpPeer> {
    const sockets = [createSocket('udp4'), createSocket('udp4')] as const;
    for (const socket of sockets) {
      socket.bind(0, '127.0.0.1');
      await once(socket, 'listening');
    }
    return new RtpPeer(...sockets);
  }

  get port(): number {
    return this.rtp.address().port;
  }

  /** What this peer's SDP says. */
  remote(changes: Partial<RemoteMedia> = {}): RemoteMedia {
    return {
      address: '127.0.0.1',
      port: this.port,
      rtcpPort: this.rtcp.address().port,
      codec: 'PCMU',
      payloadType: changes.codec === 'PCMA' ? 8 : 0,
      dtmfPayloadType: 101,
      direction: 'sendrecv',
      ptime: 20,
      ...changes,
    };
  }

  /** Resolves when the condition holds, which is looked at again with each packet that comes. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#changed = () => {
        if (condition()) resolve();
      };
      this.#changed();
    });
  }

  /** Sends one packet of its stream; `advance` ticks later than the one before. */
  send(port: number, payloadType: number, payload: Uint8Array, advance = 160, marker = false): void {
    const packet = new Uint8Array(RTP_HEADER_SIZE + payload.length);
    this.sequence = (this.sequence + 1) & 0xffff;
    this.timestamp = (this.timestamp + advance) >>> 0;
    const { sequence, timestamp, ssrc } = this;
    writeRtpHeader(packet, 0, { marker, payloadType, sequence, timestamp, ssrc });
    packet.set(payload, RTP_HEADER_SIZE);
    this.rtp.send(packet, port, '127.0.0.1');
  }

  /** Sends samples in packets of 20 ms, one every so many milliseconds. */
  async speak(port: number, codec: CodecName, samples: Int16Array, every = 4): Promise<void> {
    for (let at = 0; at + 160 <= samples.length; at += 160) {
      const payload = new Uint8Array(160);
      encode(codec, samples.subarray(at, at + 160), payload);
      this.send(port, codec === 'PCMU' ? 0 : 8, payload);
      await new Promise((resolve) => setTimeout(resolve, every));
    }
  }

  /** All audio of a payload type that came, in order of arrival. */
  audio(codec: CodecName, from = 0): Int16Array {
    const payloadType = codec === 'PCMU' ? 0 : 8;
    const packets = this.packets.slice(from).filter(({ header }) => header.payloadType === payloadType);
    return Int16Array.from(
      packets.flatMap(({ payload }) => [...decode(codec, payload, new Int16Array(payload.length))]),
    );
  }

  close(): void {
    this.rtp.close();
    this.rtcp.close();
  }
}

/** A sine at 8 kHz. */
export const sine = (frequency: number, milliseconds: number, amplitude = 8000): Int16Array =>
  Int16Array.from({ length: milliseconds * 8 }, (_, i) =>
    Math.round(amplitude * Math.sin((2 * Math.PI * frequency * i) / 8000)),
  );
