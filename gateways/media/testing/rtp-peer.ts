import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { CodecName } from '../../audio/codecs/codec.ts';
import { CODECS, type SampleRate } from '../../audio/codecs/codec.ts';
import { openDecoder, openEncoder } from '../../audio/codecs/codecs.ts';
import { LiveResampler, loadLiveResampler } from '../../audio/signal/live-resampler.ts';
import type { RemoteMedia } from '../plane/media-plane.ts';
import { parseRtcp, type RtcpPacket } from '../rtp/rtcp-packet.ts';
import {
  emptyRtpHeader,
  parseRtp,
  RTP_HEADER_SIZE,
  type RtpHeader,
  writeRtpHeader,
} from '../rtp/rtp-packet.ts';

/** Payload type of Opus in these tests. */
const OPUS = 96;

const payloadTypeOf = (codec: CodecName): number => CODECS[codec].payloadType ?? OPUS;

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

  static async open(address = '127.0.0.1'): Promise<RtpPeer> {
    await loadLiveResampler();
    const sockets = [createSocket('udp4'), createSocket('udp4')] as const;
    for (const socket of sockets) {
      socket.bind(0, address);
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
      payloadType: payloadTypeOf(changes.codec ?? 'PCMU'),
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

  /** Sends samples (8 kHz) in packets of 20 ms, one every so many milliseconds. */
  async speak(port: number, codec: CodecName, samples: Int16Array, every = 4): Promise<void> {
    const { sampleRate, clockRate } = CODECS[codec];
    const encoder = openEncoder(codec);
    const resampler = sampleRate === 8000 ? undefined : new LiveResampler(8000, sampleRate);
    const payload = new Uint8Array(1500);
    for (let at = 0; at + 160 <= samples.length; at += 160) {
      let frame = samples.subarray(at, at + 160);
      if (resampler) {
        const wide = new Int16Array(sampleRate / 50);
        resampler.push(frame, wide);
        frame = wide;
      }
      const size = encoder.encode(frame, payload);
      this.send(port, payloadTypeOf(codec), payload.subarray(0, size), clockRate / 50);
      await new Promise((resolve) => setTimeout(resolve, every));
    }
    encoder.close();
    resampler?.close();
  }

  /** All audio of a codec that came, in order of arrival, at 8 kHz unless said otherwise. */
  audio(codec: CodecName, from = 0, sampleRate: SampleRate = 8000): Int16Array {
    const payloadType = payloadTypeOf(codec);
    const decoder = openDecoder(codec, sampleRate);
    const room = new Int16Array(5760);
    const packets = this.packets.slice(from).filter(({ header }) => header.payloadType === payloadType);
    const heard = packets.flatMap(({ payload }) => [...room.subarray(0, decoder.decode(payload, room))]);
    decoder.close();
    return Int16Array.from(heard);
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
