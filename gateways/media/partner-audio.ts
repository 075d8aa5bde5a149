import { CODECS } from '../audio/codec.ts';
import { EVENT_SIZE, parseEvent, writeEvent } from './dtmf-event.ts';
import { isRecoded, recode } from './g711-codec.ts';
import type { RemoteMedia } from './media-plane.ts';
import type { OutgoingAudio } from './outgoing-audio.ts';
import type { PacketWriter } from './packet-writer.ts';
import type { RelayFrame } from './relay-frame.ts';
import type { SendStream } from './send-stream.ts';
import { Transcoder } from './transcoder.ts';

/** The longest duration that a telephone event can have, in ticks. */
const LONGEST_EVENT = 0xffff;

/**
 * What a leg's peer hears of the leg that it is bridged to. Packets of a codec that both have are passed on as they
 * are, the laws of G.711 are changed byte by byte, and all else is transcoded.
 */
export class PartnerAudio {
  readonly #stream: SendStream;
  readonly #writer: PacketWriter;
  #transcoder: Transcoder | undefined;

  constructor(stream: SendStream, writer: PacketWriter) {
    this.#stream = stream;
    this.#writer = writer;
  }

  /** Passes a packet on. Milliseconds for `now`. */
  send(frame: RelayFrame, remote: RemoteMedia, audio: OutgoingAudio, now: number): void {
    if (frame.codec === remote.codec || isRecoded(frame.codec, remote.codec)) {
      this.close();
      this.#relay(frame, remote, now);
    } else this.#transcode(frame, remote, audio, now);
  }

  /** Something else is said; what comes then is another talkspurt. */
  interrupt(): void {
    this.#stream.interrupt();
    this.#transcoder?.restart();
  }

  close(): void {
    if (this.#transcoder === undefined) return;
    this.#transcoder.close();
    this.#transcoder = undefined;
    this.#stream.interrupt();
  }

  #relay(frame: RelayFrame, remote: RemoteMedia, now: number): void {
    const payloadType = frame.kind === 'event' ? remote.dtmfPayloadType : remote.payloadType;
    if (payloadType === undefined || frame.kind === 'skip') {
      this.#stream.leaveOut();
      return;
    }
    if (!this.#stream.forward(now, frame.ssrc, frame.sequence, frame.timestamp, frame.marker)) return;
    const { packet, payloadStart, payloadEnd } = frame;
    if (frame.kind === 'audio' && frame.codec !== remote.codec) {
      recode(frame.codec, packet.subarray(payloadStart, payloadEnd));
    }
    this.#writer.send(packet, payloadStart, payloadEnd, payloadType);
  }

  #transcode(frame: RelayFrame, remote: RemoteMedia, audio: OutgoingAudio, now: number): void {
    if (this.#transcoder?.isOf(frame, audio) === false) this.close();
    const transcoder = this.#transcoder ?? this.#open(frame, audio);
    const { ssrc } = frame;
    const sink: Parameters<Transcoder['push']>[1] = (sequence, timestamp, marker, samples) => {
      if (!this.#stream.forward(now, ssrc, sequence, timestamp, marker)) return;
      const size = audio.encoder.encode(samples, this.#writer.payload);
      this.#writer.sendOwn(size, remote.payloadType);
    };
    if (frame.kind === 'audio') transcoder.push(frame, sink);
    else transcoder.pass(frame, sink);
    if (frame.kind === 'event' && remote.dtmfPayloadType !== undefined) {
      this.#sendEvent(frame, remote.dtmfPayloadType, transcoder, audio, now);
    }
  }

  #open(frame: RelayFrame, audio: OutgoingAudio): Transcoder {
    const transcoder = new Transcoder(frame, audio);
    this.#transcoder = transcoder;
    // Its numbers are others than those that were passed on.
    this.#stream.interrupt();
    return transcoder;
  }

  /** An event's times are in ticks of its codec's clock (RFC 4733, section 2.1). */
  #sendEvent(
    frame: RelayFrame,
    payloadType: number,
    transcoder: Transcoder,
    audio: OutgoingAudio,
    now: number,
  ): void {
    const event = parseEvent(frame.packet, frame.payloadStart, frame.payloadEnd);
    if (event === undefined) return;
    const { sequence, timestamp } = transcoder.stamp(frame.timestamp);
    if (!this.#stream.forward(now, frame.ssrc, sequence, timestamp, frame.marker)) return;
    const ticks = (event.duration * CODECS[audio.codec].clockRate) / CODECS[frame.codec].clockRate;
    const duration = Math.min(LONGEST_EVENT, Math.round(ticks));
    writeEvent(this.#writer.payload, 0, { ...event, duration });
    this.#writer.sendOwn(EVENT_SIZE, payloadType);
  }
}
