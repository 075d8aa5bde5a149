import { CODECS } from '../../audio/codecs/index.ts';
import type { RemoteMedia } from '../plane/index.ts';
import { eventClock } from '../plane/index.ts';
import type { PacketWriter, SendStream } from '../rtp/index.ts';
import { EVENT_SIZE, parseEvent, timestampAhead, writeEvent } from '../rtp/index.ts';
import { isRecoded, recode } from './g711-codec.ts';
import type { OutgoingAudio } from './outgoing-audio.ts';
import type { RelayFrame } from './relay-frame.ts';
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
  /** The last packet of the sender's sound. */
  #sound:
    | {
        readonly ssrc: number;
        readonly timestamp: number;
        readonly at: number;
        /** None has come yet. */
        readonly isGuessed: boolean;
      }
    | undefined;
  /** The last event whose clock is not the sound's, and when it began on that. */
  #event: { readonly ssrc: number; readonly timestamp: number; readonly begun: number } | undefined;

  constructor(stream: SendStream, writer: PacketWriter) {
    this.#stream = stream;
    this.#writer = writer;
  }

  /** Passes a packet on. Milliseconds for `now`. */
  send(frame: RelayFrame, remote: RemoteMedia, audio: OutgoingAudio, now: number): void {
    if (frame.kind === 'audio') this.#note(frame, now);
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
    if (frame.kind === 'event' && !hasCodecsClock(frame, remote)) {
      this.#sendEvent(
        frame,
        payloadType,
        { sequence: frame.sequence, timestamp: this.#begun(frame, now) },
        remote,
        now,
      );
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
      this.#sendEvent(frame, remote.dtmfPayloadType, transcoder.stamp(this.#begun(frame, now)), remote, now);
    }
  }

  #open(frame: RelayFrame, audio: OutgoingAudio): Transcoder {
    const transcoder = new Transcoder(frame, audio);
    this.#transcoder = transcoder;
    // Its numbers are others than those that were passed on.
    this.#stream.interrupt();
    return transcoder;
  }

  /** The times of an event that goes out are in ticks of the clock that was agreed on with its receiver. */
  #sendEvent(
    frame: RelayFrame,
    payloadType: number,
    { sequence, timestamp }: { readonly sequence: number; readonly timestamp: number },
    remote: RemoteMedia,
    now: number,
  ): void {
    const event = parseEvent(frame.packet, frame.payloadStart, frame.payloadEnd);
    if (event === undefined) return;
    if (!this.#stream.forward(now, frame.ssrc, sequence, timestamp, frame.marker)) return;
    const clockRate = eventClock(remote);
    this.#stream.tickAs(clockRate / 1000);
    const duration = Math.min(LONGEST_EVENT, Math.round((event.duration * clockRate) / frame.clockRate));
    writeEvent(this.#writer.payload, 0, { ...event, duration });
    this.#writer.sendOwn(EVENT_SIZE, payloadType);
  }

  /**
   * When an event began, on the clock of its sender's sound: its own timestamp, unless that is on another clock. Then it
   * is known by when its first packet came, and what goes on where one ended (RFC 4733, section 2.5.1.3) by that.
   */
  #begun({ codec, clockRate, ssrc, timestamp }: RelayFrame, now: number): number {
    const sounds = CODECS[codec].clockRate;
    if (clockRate === sounds) return timestamp;
    const before = this.#event?.ssrc === ssrc ? this.#event : undefined;
    if (before?.timestamp === timestamp) return before.begun;
    if (this.#sound?.ssrc !== ssrc) this.#sound = { ssrc, timestamp, at: now, isGuessed: true };
    const sound = this.#sound;
    const since =
      before !== undefined && timestampAhead(timestamp, before.timestamp) === LONGEST_EVENT
        ? timestampAhead(before.begun, sound.timestamp) + (LONGEST_EVENT * sounds) / clockRate
        : ((now - sound.at) * sounds) / 1000;
    const begun = (sound.timestamp + Math.round(since)) >>> 0;
    this.#event = { ssrc, timestamp, begun };
    return begun;
  }

  /** Where the clock of the sender's sound is, which an event on another clock goes by. */
  #note({ ssrc, timestamp }: RelayFrame, now: number): void {
    if (this.#sound?.isGuessed && this.#sound.ssrc === ssrc) this.interrupt();
    this.#sound = { ssrc, timestamp, at: now, isGuessed: false };
  }
}

/** Whether an event may go out with the times that it came with. */
const hasCodecsClock = (frame: RelayFrame, remote: RemoteMedia): boolean =>
  frame.clockRate === CODECS[frame.codec].clockRate && eventClock(remote) === CODECS[remote.codec].clockRate;
