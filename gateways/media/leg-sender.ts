import { dtmfKey } from '../audio/tones.ts';
import { EVENT_SIZE, parseEvent, writeEvent } from './dtmf-event.ts';
import { DtmfReceiver } from './dtmf-receiver.ts';
import { DtmfSender, PAUSE } from './dtmf-sender.ts';
import { encode, transcode } from './g711-codec.ts';
import type { MediaEvents, RemoteMedia } from './media-plane.ts';
import { Pacer } from './pacer.ts';
import { Player } from './player.ts';
import type { RelayFrame } from './relay-frame.ts';
import { RTP_HEADER_SIZE, type RtpStamp, TICKS_PER_MS, writeRtpHeader } from './rtp-packet.ts';
import { SendStream, type StreamStart } from './send-stream.ts';
import type { Failure } from './worker-protocol.ts';

/** Milliseconds of audio in a packet of ours, at the most. */
const MAX_PTIME = 60;

// One packet is made at a time in a thread, so all legs share these.
const samples = new Int16Array(MAX_PTIME * TICKS_PER_MS);
let ownPacket = new Uint8Array(RTP_HEADER_SIZE + samples.length);
const stamp: RtpStamp = { marker: false, payloadType: 0, sequence: 0, timestamp: 0, ssrc: 0 };

/** Packet time that we send: what the peer asks for, in steps of 10 ms, from 10 to 60. */
const packetTime = (asked: number): number => Math.min(MAX_PTIME, Math.max(10, Math.round(asked / 10) * 10));

/** What a leg's sender needs of its session. */
export interface SenderSurroundings {
  /** Whether the peer may be sent anything now: its address is known and it listens. */
  mayTransmit(): boolean;
  /** Sends a packet; false when its buffer must not be used again. */
  transmit(packet: Uint8Array, offset: number, length: number): boolean;
  /** Calls `pace` every few milliseconds from now on, or no longer. */
  wantPace(wanted: boolean): void;
  played(outcome: MediaEvents['played'][1]): void;
}

/** Digits as sound, for a peer that knows no events. */
const asTones = (digits: string): Player => {
  const tones = new Player('digits', 1);
  for (const digit of digits) {
    tones.add(digit === 'W' ? { silence: PAUSE } : { samples: dtmfKey(digit), endless: false });
  }
  tones.complete();
  return tones;
};

/**
 * What a leg's peer hears: digits before what is played, that before what its partner says. All of it is one RTP
 * stream. A peer that knows no telephone events gets digits as tones, its partner's too. Times are milliseconds of one
 * clock.
 */
export class LegSender {
  readonly stream: SendStream;
  readonly #around: SenderSurroundings;
  readonly #digits = new DtmfSender();
  /** Reads a partner's events for a peer that knows none. */
  readonly #partnersDigits = new DtmfReceiver();
  #tones: Player | undefined;
  #remote: RemoteMedia | undefined;
  #player: Player | undefined;
  #pacer: Pacer | undefined;
  /** Whether the peer hears our own sound or digits now: a play that waits for its first piece does not count. */
  #speaks = false;

  constructor(start: StreamStart, around: SenderSurroundings) {
    this.stream = new SendStream(start);
    this.#around = around;
  }

  connect(remote: RemoteMedia, now: number): void {
    this.#remote = remote;
    if (this.#pacer?.interval !== packetTime(remote.ptime)) this.#pacer = undefined;
    this.#followDemand(now);
  }

  play(playId: string, loop: number, now: number): void {
    this.#endPlay('stopped');
    this.#player = new Player(playId, loop);
    this.#followDemand(now);
  }

  /** The play with this id, if it is the one that plays. */
  player(playId: string): Player | undefined {
    return this.#player?.playId === playId ? this.#player : undefined;
  }

  stop(playId: string, now: number, failure?: Failure): void {
    if (this.player(playId) === undefined) return;
    this.#endPlay(failure === undefined ? 'stopped' : 'failed', failure);
    this.#followDemand(now);
  }

  sendDigits(digits: string, now: number): void {
    this.#digits.enqueue(digits);
    this.#followDemand(now);
  }

  /** Sends what is due by now. */
  pace(now: number): void {
    const due = this.#pacer?.due(now);
    if (due === undefined) return;
    for (let i = 0; i < due.packets && this.#pacer !== undefined; i++) {
      this.#sendNext(this.#pacer.interval, now, i === 0 ? due.skipped : 0);
      this.#followDemand(now);
    }
  }

  /** Passes a partner's packet on. */
  relay(from: RelayFrame, now: number): void {
    const remote = this.#remote;
    if (remote === undefined) return;
    if (from.kind === 'event' && remote.dtmfPayloadType === undefined) this.#retell(from, now);
    if (this.#speaks || !this.#around.mayTransmit()) {
      this.stream.interrupt();
      return;
    }
    const payloadType = from.kind === 'event' ? remote.dtmfPayloadType : remote.payloadType;
    if (payloadType === undefined || from.kind === 'skip') {
      this.stream.leaveOut();
      return;
    }
    if (!this.stream.forward(now, from.ssrc, from.sequence, from.timestamp, from.marker)) return;
    const { packet, payloadStart, payloadEnd } = from;
    if (from.kind === 'audio' && from.codec !== remote.codec) {
      transcode(from.codec, packet.subarray(payloadStart, payloadEnd));
    }
    this.#transmit(packet, payloadStart, payloadEnd, payloadType);
  }

  /** Ends what plays. */
  close(): void {
    this.#endPlay('stopped');
    this.#remote = undefined;
    this.#followDemand(0);
  }

  /** Paces when there is something to send by the clock, and only then. */
  #followDemand(now: number): void {
    const wanted = this.#remote !== undefined && this.#hasOwn;
    if (wanted && this.#pacer === undefined) {
      this.#pacer = new Pacer(packetTime(this.#remote!.ptime), now);
      this.#around.wantPace(true);
    } else if (!wanted && this.#pacer !== undefined) {
      this.#pacer = undefined;
      this.#speaks = false;
      this.#around.wantPace(false);
    }
  }

  get #hasOwn(): boolean {
    return this.#digits.isActive || this.#tones !== undefined || this.#player !== undefined;
  }

  /** Says a partner's key to a peer that knows no events. */
  #retell(from: RelayFrame, now: number): void {
    const event = parseEvent(from.packet, from.payloadStart, from.payloadEnd);
    if (event === undefined) return;
    for (const { digit } of this.#partnersDigits.push(event, from.timestamp, now))
      this.sendDigits(digit, now);
  }

  #sendNext(interval: number, now: number, skipped: number): void {
    const payloadType = this.#remote!.dtmfPayloadType;
    if (payloadType === undefined && this.#tones === undefined && this.#digits.isActive) {
      this.#tones = asTones(this.#digits.takeAll());
    }
    if (this.#tones !== undefined) this.#sendAudio(this.#tones, interval, now, skipped);
    else if (payloadType !== undefined && this.#digits.isActive) this.#sendDigit(payloadType, interval, now);
    else if (this.#player !== undefined) this.#sendAudio(this.#player, interval, now, skipped);
  }

  #sendDigit(payloadType: number, interval: number, now: number): void {
    this.#speaks = true;
    const step = this.#digits.next(interval);
    if (step === undefined || step === 'gap' || !this.#around.mayTransmit()) return;
    this.stream.event(now, step.first);
    writeEvent(ownPacket, RTP_HEADER_SIZE, step.event);
    this.#transmitOwn(EVENT_SIZE, payloadType);
  }

  #sendAudio(player: Player, interval: number, now: number, skipped: number): void {
    const piece = samples.subarray(0, interval * TICKS_PER_MS);
    const next = player.next(piece);
    this.#speaks = next === 'audio';
    if (next === 'ended') {
      if (player === this.#tones) this.#tones = undefined;
      else this.#endPlay('completed');
    } else if (next === 'waiting' || !this.#around.mayTransmit()) {
      // Where nothing may be sent, what is played goes by unheard.
      this.stream.interrupt();
    } else {
      this.stream.own(now, (1 + skipped) * piece.length);
      encode(this.#remote!.codec, piece, ownPacket.subarray(RTP_HEADER_SIZE));
      this.#transmitOwn(piece.length, this.#remote!.payloadType);
    }
  }

  #endPlay(outcome: 'completed' | 'stopped' | 'failed', failure?: Failure): void {
    if (this.#player === undefined) return;
    const { playId } = this.#player;
    this.#player = undefined;
    this.#around.played({ playId, outcome, ...failure });
  }

  #transmitOwn(size: number, payloadType: number): void {
    if (!this.#transmit(ownPacket, RTP_HEADER_SIZE, RTP_HEADER_SIZE + size, payloadType)) {
      ownPacket = new Uint8Array(ownPacket.length);
    }
  }

  #transmit(packet: Uint8Array, start: number, end: number, payloadType: number): boolean {
    stamp.marker = this.stream.marker;
    stamp.payloadType = payloadType;
    stamp.sequence = this.stream.sequence;
    stamp.timestamp = this.stream.timestamp;
    stamp.ssrc = this.stream.ssrc;
    const at = start - RTP_HEADER_SIZE;
    writeRtpHeader(packet, at, stamp);
    this.stream.count(end - start);
    return this.#around.transmit(packet, at, end - at);
  }
}
