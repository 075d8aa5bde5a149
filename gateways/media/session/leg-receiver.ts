import { CODECS } from '../../audio/codecs/index.ts';
import type { AgreedFormat, RemoteMedia } from '../plane/index.ts';
import { clockOfEvent, eventClock } from '../plane/index.ts';
import type { DropReason } from '../rtp/index.ts';
import {
  CLOCK_RATE,
  DtmfReceiver,
  EVENT_TIMEOUT,
  emptyRtpHeader,
  parseRtp,
  type ReceivedDigit,
  Reception,
  type RtpHeader,
  type SignalledSource,
  type Source,
  SourceLatch,
} from '../rtp/index.ts';
import { InbandListener } from './inband-listener.ts';
import type { RelayFrame } from './relay-frame.ts';

/** Payload type of comfort noise (RFC 3551): no audio, but a sign of life. */
const COMFORT_NOISE = 13;

// One packet is handled at a time in a thread, so all legs share these.
const header: RtpHeader = emptyRtpHeader();
const frame: RelayFrame = {
  from: '',
  kind: 'audio',
  codec: 'PCMU',
  marker: false,
  ssrc: 0,
  sequence: 0,
  timestamp: 0,
  clockRate: 0,
  packet: new Uint8Array(),
  payloadStart: 0,
  payloadEnd: 0,
};

/** Milliseconds from one packet of sound to the next: a late packet, or the next but one. */
const LONGEST_PAUSE = 100;

/** Milliseconds for which payload types that an offer has replaced are still heard (RFC 3264, section 8.3.2). */
const STILL_ON_THEIR_WAY = 500;

/** What a leg's receiver tells its session. */
export interface ReceiverListener {
  /** Media comes from another source than before. */
  latched(source: Source, isSignalled: boolean): void;
  /** A packet came from the source we know, whatever is in it. */
  heard(source: Source, now: number): void;
  /** A packet that could be the peer's came from a source that is not heard. */
  refused(source: Source, now: number): void;
  digit(digit: ReceivedDigit, source: 'rfc4733' | 'inband'): void;
  /** For the partner, if there is one. */
  frame(frame: RelayFrame): void;
}

/** What comes in from a leg's peer. Times are milliseconds of one clock. */
export class LegReceiver {
  readonly latch = new SourceLatch();
  reception: Reception | undefined;
  packets = 0;
  octets = 0;
  readonly #id: string;
  readonly #listener: ReceiverListener;
  #events = new DtmfReceiver();
  /** Of the sound, in hertz. */
  #clockRate = CLOCK_RATE;
  #inband: InbandListener | undefined;
  #remote: RemoteMedia | undefined;
  /** What was agreed before, and until when packets of it that are on their way are heard. */
  #former: RemoteMedia | undefined;
  #formerUntil = 0;
  /** Of what was agreed, the format that the peer sends now. */
  #format: AgreedFormat | undefined;
  #lostBefore = 0;
  #audioAt = Number.NEGATIVE_INFINITY;
  #eventAt = Number.NEGATIVE_INFINITY;

  constructor(id: string, listener: ReceiverListener) {
    this.#id = id;
    this.#listener = listener;
  }

  connect(remote: RemoteMedia, signalled: SignalledSource, now: number): void {
    this.#former = this.#remote;
    this.#formerUntil = now + STILL_ON_THEIR_WAY;
    this.#remote = remote;
    this.#hearAs(remote);
    this.latch.frozen = !this.expectsMedia;
    this.latch.signal(signalled, now);
  }

  /** Whether the peer is expected to send (RFC 3264, section 6). */
  get expectsMedia(): boolean {
    return this.#remote?.direction === 'sendrecv' || this.#remote?.direction === 'recvonly';
  }

  /** Whether the peer sends the format that it is sent. */
  get hearsWhatIsSent(): boolean {
    return this.#format === this.#remote;
  }

  /** Whether there is sound without a pause, and no key being pressed. */
  speaks(now: number): boolean {
    return now - this.#audioAt < LONGEST_PAUSE && now - this.#eventAt > EVENT_TIMEOUT;
  }

  get lost(): number {
    return this.#lostBefore + (this.reception?.tracker.lost ?? 0);
  }

  /** Goes on after others took this peer's packets for a while: what they took is not lost. */
  resume(now: number): void {
    this.#lostBefore = this.lost;
    this.reception = undefined;
    this.#events = new DtmfReceiver(this.#events.clockRate);
    this.latch.refresh(now);
  }

  /** Takes a packet of the RTP port. @returns why it was not used, if it was not */
  take(packet: Uint8Array, source: Source, now: number): DropReason | undefined {
    const remote = this.#remote;
    if (remote === undefined) return 'early';
    if (!parseRtp(packet, header)) return 'malformed';
    const format =
      formatOf(header.payloadType, this.#format!, remote) ??
      (this.#former !== undefined && now < this.#formerUntil
        ? formatOf(header.payloadType, this.#former, this.#former)
        : undefined);
    if (format === undefined) return 'payloadType';
    const kind = kindOf(header.payloadType, format);
    const verdict = this.latch.judge(source.address, source.port, header.ssrc, header.sequence, now);
    if (verdict === 'stranger') this.#listener.refused(source, now);
    if (verdict === 'stranger') return 'stranger';
    if (verdict === 'probation' || verdict === 'former') return 'unproven';
    if (verdict === 'latched') this.#listener.latched(this.latch.known!, this.latch.isSignalled);
    this.#listener.heard(source, now);
    if (format !== this.#format) this.#hearAs(format);
    if (!this.#count(kind, now)) return 'late';
    if (!this.expectsMedia) return 'unwanted';
    if (kind === 'event') {
      this.#eventAt = now;
      if (!this.#hearEvent(packet, clockOfEvent(format, header.payloadType)!, now)) return 'malformed';
    } else if (kind === 'audio') {
      this.#audioAt = now;
      this.#hearAudio(packet, now);
    }
    this.#passOn(packet, format, kind);
    return undefined;
  }

  /** Does what has become due. */
  sweep(now: number): void {
    const digit = this.#events.expire(now);
    if (digit !== undefined) this.#listener.digit(digit, 'rfc4733');
    for (const ended of this.#inband?.expire(now) ?? []) this.#listener.digit(ended, 'inband');
  }

  /** Lets go of what it holds of the codec. */
  close(): void {
    this.#inband?.close();
    this.#inband = undefined;
  }

  #hearAs(format: AgreedFormat): void {
    this.#format = format;
    const { clockRate } = CODECS[format.codec];
    if (this.#clockRate !== clockRate) {
      this.#clockRate = clockRate;
      this.#events = new DtmfReceiver(eventClock(format));
      // Its timestamps mean another time now.
      this.#lostBefore = this.lost;
      this.reception = undefined;
    }
    this.#listenInBand(format);
  }

  /** Digits are heard in the audio only when there can be no events, so that none is heard twice. */
  #listenInBand({ codec, dtmfPayloadType }: AgreedFormat): void {
    if (dtmfPayloadType === undefined && this.#inband?.codec === codec) return;
    this.#inband?.close();
    this.#inband = dtmfPayloadType === undefined ? new InbandListener(codec) : undefined;
  }

  /** @returns false when the packet is far out of sequence */
  #count(kind: RelayFrame['kind'], now: number): boolean {
    let reception = this.reception;
    if (reception?.ssrc !== header.ssrc) {
      this.#lostBefore = this.lost;
      reception = new Reception(header.ssrc, header.sequence, this.#clockRate);
      this.reception = reception;
      this.#events.reset();
    }
    if (!reception.tracker.push(header.sequence)) return false;
    if (kind === 'audio') reception.jitter.push(header.timestamp, now);
    this.packets += 1;
    this.octets += header.payloadEnd - header.payloadStart;
    return true;
  }

  #hearEvent(packet: Uint8Array, clockRate: number, now: number): boolean {
    if (this.#events.clockRate !== clockRate) {
      const pressed = this.#events.expire(Number.POSITIVE_INFINITY);
      if (pressed !== undefined) this.#listener.digit(pressed, 'rfc4733');
      this.#events = new DtmfReceiver(clockRate);
    }
    const digits = this.#events.take(packet, header.payloadStart, header.payloadEnd, header, now);
    for (const digit of digits ?? []) this.#listener.digit(digit, 'rfc4733');
    return digits !== undefined;
  }

  #hearAudio(packet: Uint8Array, now: number): void {
    if (this.#inband === undefined) return;
    const payload = packet.subarray(header.payloadStart, header.payloadEnd);
    for (const digit of this.#inband.push(header.sequence, payload, now))
      this.#listener.digit(digit, 'inband');
  }

  #passOn(packet: Uint8Array, format: AgreedFormat, kind: RelayFrame['kind']): void {
    frame.from = this.#id;
    frame.kind = kind;
    frame.codec = format.codec;
    frame.marker = header.marker;
    frame.ssrc = header.ssrc;
    frame.sequence = header.sequence;
    frame.timestamp = header.timestamp;
    frame.clockRate =
      kind === 'event' ? clockOfEvent(format, header.payloadType)! : CODECS[format.codec].clockRate;
    frame.packet = packet;
    frame.payloadStart = header.payloadStart;
    frame.payloadEnd = header.payloadEnd;
    this.#listener.frame(frame);
  }
}

const isOf = (format: AgreedFormat, payloadType: number): boolean =>
  payloadType === format.payloadType || clockOfEvent(format, payloadType) !== undefined;

/** What a packet is to be heard as: what came until now, where that has its payload type. */
const formatOf = (payloadType: number, now: AgreedFormat, remote: RemoteMedia): AgreedFormat | undefined => {
  if (isOf(now, payloadType)) return now;
  if (isOf(remote, payloadType)) return remote;
  const other = remote.alsoHeard?.find((format) => isOf(format, payloadType));
  return other ?? (payloadType === COMFORT_NOISE ? now : undefined);
};

const kindOf = (payloadType: number, format: AgreedFormat): RelayFrame['kind'] => {
  if (payloadType === format.payloadType) return 'audio';
  return clockOfEvent(format, payloadType) === undefined ? 'skip' : 'event';
};
