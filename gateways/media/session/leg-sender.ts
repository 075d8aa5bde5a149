import { CODECS, packetTime } from '../../audio/codecs/index.ts';
import { dtmfKey } from '../../audio/signal/index.ts';
import type { MediaEvents, RemoteMedia } from '../plane/index.ts';
import { eventClock } from '../plane/index.ts';
import {
  DtmfReceiver,
  DtmfSender,
  EVENT_SIZE,
  PAUSE,
  PacketWriter,
  SendStream,
  type StreamStart,
  type Transmit,
  writeEvent,
} from '../rtp/index.ts';
import { OutgoingAudio } from './outgoing-audio.ts';
import { Pacer } from './pacer.ts';
import { PartnerAudio } from './partner-audio.ts';
import { Player } from './player.ts';
import type { RelayFrame } from './relay-frame.ts';
import { silenceFrame } from './silence-frames.ts';
import type { Failure } from './worker-protocol.ts';

/** Samples of the longest packet: 60 ms at 16 kHz. */
const samples = new Int16Array(960);

/** What a leg's sender needs of its session. */
export interface SenderSurroundings {
  /** Whether the peer may be sent anything now: its address is known and it listens. */
  mayTransmit(): boolean;
  readonly transmit: Transmit;
  /** Whether the peer hears silence when there is nothing to say to it. */
  readonly sendsSilence: boolean;
  /** Calls `pace` every few milliseconds from now on, or no longer. */
  wantPace(wanted: boolean): void;
  played(outcome: MediaEvents['played'][1]): void;
  /** A piece of a play was heard to its end. */
  heard(playId: string): void;
}

/** Digits as sound, for a peer that knows no events. */
const asTones = (digits: string, sampleRate: number): Player => {
  const tones = new Player('digits', sampleRate);
  for (const digit of digits) {
    if (digit === 'W') tones.add({ silence: PAUSE });
    else tones.add({ samples: dtmfKey(digit, undefined, undefined, sampleRate), endless: false });
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
  readonly #writer: PacketWriter;
  readonly #partner: PartnerAudio;
  readonly #digits = new DtmfSender();
  /** Reads a partner's events for a peer that knows none. */
  #partnersDigits: DtmfReceiver | undefined;
  #tones: Player | undefined;
  #remote: RemoteMedia | undefined;
  #audio: OutgoingAudio | undefined;
  #player: Player | undefined;
  #pacer: Pacer | undefined;
  #isBridged = false;
  /** Whether the peer hears our own sound or digits now: a play that waits for its first piece does not count. */
  #speaks = false;

  constructor(start: StreamStart, around: SenderSurroundings) {
    this.stream = new SendStream(start);
    this.#around = around;
    this.#writer = new PacketWriter(this.stream, around.transmit);
    this.#partner = new PartnerAudio(this.stream, this.#writer);
  }

  connect(remote: RemoteMedia, now: number): void {
    const interval = packetTime(remote.codec, remote.ptime);
    if (this.#audio?.codec !== remote.codec || this.#audio.interval !== interval) {
      this.#audio?.close();
      this.#audio = new OutgoingAudio(remote.codec, interval);
      this.#pacer = undefined;
    }
    this.#remote = remote;
    this.stream.ticksPerMs = CODECS[remote.codec].clockRate / 1000;
    this.#followDemand(now);
  }

  /** @param sampleRate of the pieces that will come, in hertz */
  play(playId: string, sampleRate: number, now: number): void {
    this.#endPlay('stopped');
    this.#player = new Player(playId, sampleRate, () => this.#around.heard(playId));
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

  /** Whether a partner speaks to the peer from now on. */
  bridged(isBridged: boolean, now: number): void {
    this.#isBridged = isBridged;
    this.#followDemand(now);
  }

  /** The share of packets that the peer says it misses, 0 to 1. */
  expectLoss(share: number): void {
    this.#audio?.expectLoss(share);
  }

  /** Sends what is due by now. */
  pace(now: number): void {
    const due = this.#pacer?.due(now);
    if (due === undefined) return;
    for (let i = 0; i < due.packets && this.#pacer !== undefined; i++) {
      this.#sendNext(this.#audio!, now, i === 0 ? due.skipped : 0);
      this.#followDemand(now);
    }
  }

  /** Passes a partner's packet on. */
  relay(from: RelayFrame, now: number): void {
    const remote = this.#remote;
    if (remote === undefined) return;
    if (from.kind === 'event' && remote.dtmfPayloadType === undefined) this.#retell(from, now);
    if (this.#speaks || !this.#around.mayTransmit()) this.#partner.interrupt();
    else this.#partner.send(from, remote, this.#audio!, now);
  }

  /** Ends what plays. */
  close(): void {
    this.#endPlay('stopped');
    this.#remote = undefined;
    this.#followDemand(0);
    this.#partner.close();
    this.#audio?.close();
  }

  /** Paces when there is something to send by the clock, and only then. */
  #followDemand(now: number): void {
    const wanted = this.#remote !== undefined && (this.#hasOwn || this.#isIdle);
    if (wanted && this.#pacer === undefined) {
      this.#pacer = new Pacer(this.#audio!.interval, now);
      this.#around.wantPace(true);
    } else if (!wanted && this.#pacer !== undefined) {
      this.#pacer = undefined;
      this.#speaks = false;
      this.#around.wantPace(false);
    }
  }

  /** Whether something of ours is sent, or waits to be. */
  get isBusy(): boolean {
    return this.#hasOwn;
  }

  /** Whether the peer expects sound, and nobody is there to make any. */
  get #isIdle(): boolean {
    const listens = this.#remote?.direction === 'sendrecv' || this.#remote?.direction === 'sendonly';
    return this.#around.sendsSilence && listens && !this.#isBridged;
  }

  get #hasOwn(): boolean {
    return this.#digits.isActive || this.#tones !== undefined || this.#player !== undefined;
  }

  /** Says a partner's key to a peer that knows no events. */
  #retell(from: RelayFrame, now: number): void {
    const { clockRate } = from;
    if (this.#partnersDigits?.clockRate !== clockRate) this.#partnersDigits = new DtmfReceiver(clockRate);
    const { packet, payloadStart, payloadEnd } = from;
    for (const { digit } of this.#partnersDigits.take(packet, payloadStart, payloadEnd, from, now) ?? [])
      this.sendDigits(digit, now);
  }

  #sendNext(audio: OutgoingAudio, now: number, skipped: number): void {
    const payloadType = this.#remote!.dtmfPayloadType;
    if (payloadType === undefined && this.#tones === undefined && this.#digits.isActive) {
      this.#tones = asTones(this.#digits.takeAll(), CODECS[audio.codec].sampleRate);
    }
    if (this.#tones !== undefined) this.#sendAudio(this.#tones, audio, now, skipped);
    else if (payloadType !== undefined && this.#digits.isActive) this.#sendDigit(payloadType, audio, now);
    else if (this.#player !== undefined) this.#sendAudio(this.#player, audio, now, skipped);
    else this.#sendSilence(audio, now, skipped);
  }

  #sendDigit(payloadType: number, audio: OutgoingAudio, now: number): void {
    this.#speaks = true;
    const clockRate = eventClock(this.#remote!);
    const step = this.#digits.next(audio.interval, clockRate);
    if (step === undefined || step === 'gap' || !this.#around.mayTransmit()) return;
    this.stream.event(now, step.first, clockRate / 1000);
    writeEvent(this.#writer.payload, 0, step.event);
    this.#writer.sendOwn(EVENT_SIZE, payloadType);
  }

  #sendAudio(player: Player, audio: OutgoingAudio, now: number, skipped: number): void {
    const piece = samples.subarray(0, (audio.interval * player.sampleRate) / 1000);
    const next = player.next(piece);
    this.#speaks = next === 'audio';
    if (next === 'ended') {
      if (player === this.#tones) this.#tones = undefined;
      else this.#endPlay('completed');
    } else if (next === 'waiting') {
      this.#sendSilence(audio, now, skipped);
    } else if (!this.#around.mayTransmit()) {
      // Where nothing may be sent, what is played goes by unheard.
      this.stream.interrupt();
    } else {
      this.stream.own(now, (1 + skipped) * audio.ticks);
      const size = audio.encode(piece, player.sampleRate, this.#writer.payload);
      this.#writer.sendOwn(size, this.#remote!.payloadType);
    }
  }

  /** Many peers take a stream that stops for a call that is lost. */
  #sendSilence(audio: OutgoingAudio, now: number, skipped: number): void {
    this.#speaks = false;
    if (!this.#isIdle || !this.#around.mayTransmit()) {
      // A partner may be speaking; what comes of it goes on by itself.
      if (!this.#isBridged) this.stream.interrupt();
      return;
    }
    this.stream.own(now, (1 + skipped) * audio.ticks);
    const frame = silenceFrame(audio.codec, audio.interval);
    this.#writer.payload.set(frame);
    this.#writer.sendOwn(frame.length, this.#remote!.payloadType);
  }

  #endPlay(outcome: 'completed' | 'stopped' | 'failed', failure?: Failure): void {
    if (this.#player === undefined) return;
    const { playId } = this.#player;
    this.#player = undefined;
    this.#around.played({ playId, outcome, ...failure });
  }
}
