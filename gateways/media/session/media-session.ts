import { isIP, isIPv6 } from 'node:net';
import { evenly, TokenBucket } from '@tandem/actors/bounds';
import { createAddressPolicy } from '@tandem/actors/net';
import type { RemoteMedia } from '../plane/index.ts';
import type { RtpPort, StreamStart } from '../rtp/index.ts';
import {
  type DropReason,
  isRtcp,
  KEYS_PER_SECOND,
  type MediaStats,
  meanOpinionScore,
  noDrops,
  parseRtcp,
  type RtcpMoment,
  RtcpReporter,
  rank,
  type Source,
  within,
} from '../rtp/index.ts';
import type { SrtpSession } from '../srtp/index.ts';
import { withStreamName } from '../srtp/index.ts';
import { LegReceiver } from './leg-receiver.ts';
import { LegSender } from './leg-sender.ts';
import type { PlayPiece } from './player.ts';
import type { RelayFrame, RelayTarget } from './relay-frame.ts';
import { UnansweredMedia } from './unanswered-media.ts';
import type { Failure, Lendable, WorkerEvent } from './worker-protocol.ts';

/** Longer packets are nothing that telephones send; bytes. */
const MAX_PACKET = 2048;

/** How long, and how often, the port is open to all, so that it is noticed who else sends there; milliseconds. */
const EAR_OPEN = 100;
const EAR_EVERY = 1000;
/** Packets of sources that are not heard before that is an event: one or two may have gone astray. */
const RIVAL_AFTER = 3;
/** For so long after such a packet the port is not lent: only our code judges sources. Milliseconds. */
const RIVAL_GONE = 5000;

/** Events of one kind that a session reports at once, and how many a second from then on. */
const EVENT_BURST = 10;
const EVENT_RATE = 1 / 60;

/** Reports after which a peer that sends no media is one that goes on reporting, and milliseconds between them at most. */
const REPORTS_REGULARLY = 3;
const REPORT_EVERY = 20_000;

/** What a session needs of the thread it lives in. */
export interface SessionSurroundings {
  /** Milliseconds on the clock that never goes back. */
  now(): number;
  moment(): RtcpMoment;
  /** A number from 0 up to 1. */
  random(): number;
  report(event: WorkerEvent): void;
  /** Calls `pace` every few milliseconds from now on, or no longer. */
  pace(session: MediaSession, wanted: boolean): void;
}

export interface SessionOptions {
  readonly id: string;
  /** Milliseconds; 0 for no limit. */
  readonly silenceLimit: number;
  /** Packets per second that are taken from the peer, and as many from all others together. */
  readonly packetRate: number;
  /** Whether the peer hears silence while there is nothing to say to it. */
  readonly sendsSilence: boolean;
  /** Whether the peer only passes on what another says: its reports are then no sign of that one's life. */
  readonly peerIsRelay: boolean;
  readonly start: StreamStart;
  readonly cname: string;
  /** At the end of a pipe: nothing comes or goes but SRTP, with RTCP on the same port. */
  readonly srtp?: SrtpSession;
}

/** The address in SDP, when it is one: not a name, not port 0, not the unspecified address. */
const named = ({ address, port }: RemoteMedia): Source | undefined =>
  isIP(address) === 0 || port === 0 || address === '0.0.0.0' || address === '::'
    ? undefined
    : { address, port };

/** Which addresses are on the public Internet, where a peer is seen with the address that it has. */
const publicOnly = createAddressPolicy(false);

const isSame = (a: Source, b: Source | undefined): boolean => a.port === b?.port && a.address === b.address;

/**
 * One leg's media: its port, what comes in there, what goes out, and whom it is joined with.
 *
 * Signs of life are valid RTP of the followed source, comfort noise too, and its RTCP; so a peer that is silent by
 * right (voice activity detection) is alive while it reports, provided that the limit of silence is longer than the
 * time between its reports (about 5 s). What is signalled is none. Where only one side speaks, silence is a fault only
 * of a peer that reported regularly and has stopped, or that is sent media and never showed that it is there.
 */
export class MediaSession implements RelayTarget {
  readonly id: string;
  readonly #port: RtpPort;
  readonly #around: SessionSurroundings;
  readonly #sender: LegSender;
  readonly #receiver: LegReceiver;
  readonly #rtcp: RtcpReporter;
  /** Of packets of the address in SDP, of the source that is heard and the peer's own hosts, and of all others. */
  readonly #signalledRate: TokenBucket;
  readonly #peerRate: TokenBucket;
  readonly #otherRate: TokenBucket;
  readonly #keyRate = new TokenBucket(evenly(KEYS_PER_SECOND));
  readonly #latchedRate = new TokenBucket({ atOnce: EVENT_BURST, perSecond: EVENT_RATE });
  readonly #stoppedRate = new TokenBucket({ atOnce: EVENT_BURST, perSecond: EVENT_RATE });
  readonly #unanswered = new UnansweredMedia();
  readonly #dropped = noDrops();
  #remote: RemoteMedia | undefined;
  /** The address in SDP, once it is known to be one. */
  #signalled: Source | undefined;
  #controlSource: Source | undefined;
  /** A source that is heard and has not been told of yet. */
  #latchUntold: Source | undefined;
  #refused = 0;
  #refusedAt = Number.NEGATIVE_INFINITY;
  #earOpenAt = 0;
  /** Reports of the peer since the direction is what it is. */
  #reports = 0;
  #partner: { readonly id: string; readonly target: RelayTarget } | undefined;
  readonly #peerIsRelay: boolean;
  readonly #srtp: SrtpSession | undefined;
  #silenceLimit: number;
  #heardAt = 0;
  #silenceReported = false;
  /** Whether another process has the port now. */
  #lent = false;

  constructor(options: SessionOptions, port: RtpPort, around: SessionSurroundings) {
    this.id = options.id;
    this.#port = port;
    this.#around = around;
    this.#silenceLimit = options.silenceLimit;
    this.#peerIsRelay = options.peerIsRelay;
    this.#srtp = options.srtp;
    this.#rtcp = new RtcpReporter(options.cname, around.now(), around.random);
    this.#signalledRate = new TokenBucket(evenly(options.packetRate));
    this.#peerRate = new TokenBucket(evenly(options.packetRate));
    this.#otherRate = new TokenBucket(evenly(options.packetRate));
    this.#sender = new LegSender(options.start, {
      mayTransmit: () => this.#mayTransmit,
      sendsSilence: options.sendsSilence,
      transmit: (packet, offset, length) => this.#transmit(packet, offset, length),
      wantPace: (wanted) => around.pace(this, wanted),
      heard: (playId) => around.report({ event: 'heard', args: [this.id, playId] }),
      played: (outcome) => around.report({ event: 'played', args: [this.id, outcome] }),
    });
    this.#receiver = new LegReceiver(options.id, {
      latched: (source, isSignalled) => this.#latched(source, isSignalled),
      heard: (source, now) => this.#heard(source, now),
      refused: (source, now) => this.#refuse(source, now),
      digit: (digit, source) => {
        if (this.#keyRate.take(around.now()))
          around.report({ event: 'digit', args: [this.id, { ...digit, source }] });
        else this.#dropped.keys += 1;
      },
      frame: (frame) => this.#partner?.target.relay(frame),
    });
    port.listen({
      received: (packet, source, arrivedOn) => {
        const reason = this.#receive(packet, source, arrivedOn);
        if (reason !== undefined) this.#dropped[reason] += 1;
      },
    });
  }

  get port(): number {
    return this.#port.port;
  }

  /** @param srtpKey of a pipe: what its other end sends with */
  connect(remote: RemoteMedia, srtpKey?: Uint8Array): void {
    const now = this.#around.now();
    if (srtpKey !== undefined) this.#srtp?.connect(srtpKey);
    // Silence counts from when media is first awaited; an offer that changes nothing of that is no sign of life.
    if (remote.direction !== this.#remote?.direction) {
      this.#reports = 0;
      this.#isAlive(now);
    }
    this.#remote = remote;
    this.#signalled = named(remote);
    const { address, networks = [] } = remote;
    const isOwn = within(networks);
    this.#receiver.connect(
      remote,
      {
        source: this.#signalled,
        isPublic: publicOnly(address) === undefined && this.#port.isIPv6 === isIPv6(address),
        rule: remote.latch ?? 'host',
        isTrusted: isOwn,
      },
      now,
    );
    if (this.#receiver.latch.known === undefined) {
      this.#port.unfollow();
      this.#controlSource = undefined;
    }
    this.#unanswered.aim(address, now);
    if (isOwn(address)) this.#unanswered.answered();
    this.#sender.connect(remote, now);
  }

  /** @param sampleRate of the pieces that will come, in hertz */
  play(playId: string, sampleRate: number): void {
    this.#sender.play(playId, sampleRate, this.#around.now());
  }

  addPiece(playId: string, piece: PlayPiece): void {
    this.#sender.player(playId)?.add(piece);
  }

  completePlay(playId: string): void {
    this.#sender.player(playId)?.complete();
  }

  stop(playId: string, failure?: Failure): void {
    this.#sender.stop(playId, this.#around.now(), failure);
  }

  sendDigits(digits: string): void {
    this.#sender.sendDigits(digits, this.#around.now());
  }

  bridge(id: string, target: RelayTarget): void {
    this.#partner = { id, target };
    this.#sender.bridged(true, this.#around.now());
  }

  unbridge(): void {
    this.#partner = undefined;
    this.#sender.bridged(false, this.#around.now());
  }

  relay(frame: RelayFrame): void {
    if (frame.from === this.#partner?.id && !this.#lent) this.#sender.relay(frame, this.#around.now());
  }

  /** What another process must know to take the port over; undefined while only we can do what is to be done. */
  get lendable(): Lendable | undefined {
    const remote = this.#remote;
    const source = this.#receiver.latch.known;
    const ssrc = this.#receiver.reception?.ssrc;
    const isPlain = remote?.direction === 'sendrecv' && this.#partner !== undefined && !this.#sender.isBusy;
    // mediasoup knows a stream by its sound only: a key that is pressed without any would be lost.
    const now = this.#around.now();
    const isContested = now - this.#refusedAt < RIVAL_GONE;
    const isSteady = this.#receiver.hearsWhatIsSent && this.#receiver.speaks(now) && !isContested;
    if (this.#srtp !== undefined || this.#lent || !isPlain || !isSteady) return undefined;
    if (source === undefined || ssrc === undefined) return undefined;
    const control =
      remote.rtcpPort === remote.port
        ? undefined
        : (this.#controlSource ?? this.#controlDestination(remote, source));
    return { port: this.port, remote, source, control, ssrc };
  }

  /** Leaves the port to another process. @returns false, and does nothing, when that would not do any more */
  lend(ssrc: number): boolean {
    if (this.lendable?.ssrc !== ssrc) return false;
    this.#lent = true;
    this.#port.lend();
    return true;
  }

  /** Takes the port back. */
  async reclaim(): Promise<void> {
    if (!this.#lent) return;
    this.#lent = false;
    const now = this.#around.now();
    this.#isAlive(now);
    this.#receiver.resume(now);
    this.#sender.stream.interrupt();
    // Should it be taken by then, the peer is not heard any more, which the watch over silence reports.
    await this.#port.reclaim().catch(() => {});
  }

  /** The peer was heard by whoever has the port. */
  othersHeard(): void {
    const now = this.#around.now();
    this.#isAlive(now);
    this.#receiver.latch.refresh(now);
  }

  setSilenceLimit(limit: number): void {
    if (limit === this.#silenceLimit) return;
    this.#silenceLimit = limit;
    this.#isAlive(this.#around.now());
  }

  pace(now: number): void {
    this.#sender.pace(now);
  }

  /** Does what has become due; called some times a second. */
  sweep(now: number): void {
    // The kernel passes nobody else's packets on while we follow a source.
    const opensEar = now - this.#earOpenAt >= EAR_EVERY;
    if (this.#port.isFollowing && (opensEar || this.#receiver.latch.isOpen(now))) {
      this.#port.unfollow();
      this.#earOpenAt = now;
    }
    this.#receiver.sweep(now);
    this.#tellLatched(now);
    if (this.#remote === undefined) return;
    if (!this.#lent && this.#rtcp.isDue(now)) this.#sendReport(false);
    const silentFor = now - this.#heardAt;
    if (this.#silenceReported || silentFor < this.#patience || !this.#stoppedRate.take(now)) return;
    this.#silenceReported = true;
    this.#around.report({ event: 'stopped', args: [this.id, Math.round(silentFor)] });
  }

  stats(): MediaStats {
    const { stream } = this.#sender;
    const { packets, octets, lost } = this.#receiver;
    const jitter = this.#receiver.reception?.jitter.milliseconds ?? 0;
    const { roundTrip } = this.#rtcp;
    return {
      sentPackets: stream.packets,
      sentOctets: stream.octets,
      receivedPackets: packets,
      receivedOctets: octets,
      lost,
      jitter,
      roundTrip,
      mos: packets === 0 ? undefined : meanOpinionScore({ packets, lost, jitter, roundTrip }),
      remoteLost: this.#rtcp.remoteLost,
      remoteJitter: this.#rtcp.remoteJitter,
      remoteHighest: this.#rtcp.remoteHighest,
      dropped: { ...this.#dropped },
    };
  }

  /** Says goodbye to the peer and gives the ports back. What still plays is reported as stopped. */
  async close(): Promise<void> {
    this.#sender.close();
    this.#receiver.close();
    if (this.#sender.stream.packets > 0) this.#sendReport(true);
    this.#remote = undefined;
    this.#partner = undefined;
    await this.#port.close();
  }

  get #mayTransmit(): boolean {
    const direction = this.#remote?.direction;
    const listens = direction === 'sendrecv' || direction === 'sendonly';
    return listens && !this.#lent && this.#mayReach;
  }

  /** Where to send: where packets come from; until some do, the address in SDP. */
  get #destination(): Source | undefined {
    return this.#receiver.latch.known ?? (this.#remote?.heardFirst ? undefined : this.#signalled);
  }

  /** Whether anything may be sent to where it would go. */
  get #mayReach(): boolean {
    if (this.#receiver.latch.known !== undefined) return true;
    return this.#destination !== undefined && this.#unanswered.allow(this.#around.now());
  }

  /** Whether media was sent for as long as it may be to an address that nothing has come from. */
  get #isInVain(): boolean {
    return this.#receiver.latch.known === undefined && this.#unanswered.isSpent(this.#around.now());
  }

  /** Milliseconds of silence after which that is told. */
  get #patience(): number {
    const limit = this.#silenceLimit;
    const direction = this.#remote?.direction;
    if (limit === 0 || direction === undefined || direction === 'inactive') return Number.POSITIVE_INFINITY;
    if (direction === 'sendrecv') return limit;
    if (this.#reports >= REPORTS_REGULARLY) return Math.max(limit, REPORT_EVERY);
    return direction === 'sendonly' && this.#isInVain ? limit : Number.POSITIVE_INFINITY;
  }

  #transmit(packet: Uint8Array, offset: number, length: number): boolean {
    const to = this.#destination!;
    if (this.#srtp === undefined) return this.#port.send(packet, offset, length, to);
    const sealed = this.#srtp.protect(withStreamName(packet.subarray(offset, offset + length)));
    if (sealed !== undefined) this.#port.send(sealed, 0, sealed.length, to);
    return true;
  }

  #receive(datagram: Uint8Array, source: Source, arrivedOn: 'rtp' | 'rtcp'): DropReason | undefined {
    const now = this.#around.now();
    if (!this.#rateOf(source).take(now)) return 'rate';
    // Nothing could be sent back to port 0, which only a forged packet comes from.
    if (datagram.length > MAX_PACKET || source.port === 0) return 'malformed';
    if (this.#srtp !== undefined && this.#remote === undefined) return 'early';
    const packet = this.#srtp === undefined ? datagram : this.#srtp.open(datagram);
    if (packet === undefined) return 'unauthentic';
    return arrivedOn === 'rtcp' || isRtcp(packet)
      ? this.#receiveControl(packet, source, arrivedOn)
      : this.#receiver.take(packet, source, now);
  }

  /** Nobody who floods the port keeps those out who come before him. */
  #rateOf(source: Source): TokenBucket {
    const { latch } = this.#receiver;
    if (isSame(source, this.#signalled)) return this.#signalledRate;
    const isPeers = isSame(source, latch.known) || latch.rankOf(source.address, source.port) === rank.trusted;
    return isPeers ? this.#peerRate : this.#otherRate;
  }

  /** RTCP is believed when it comes from the host that media goes to; its port may be any, for NAT. */
  #receiveControl(packet: Uint8Array, source: Source, arrivedOn: 'rtp' | 'rtcp'): DropReason | undefined {
    if (this.#remote === undefined) return 'early';
    if (source.address !== (this.#receiver.latch.known ?? this.#signalled)?.address) return 'stranger';
    const packets = parseRtcp(packet);
    if (packets === undefined) return 'malformed';
    if (arrivedOn === 'rtcp') this.#controlSource = { address: source.address, port: source.port };
    const moment = this.#around.moment();
    this.#reports += 1;
    this.#answered(source);
    if (!this.#peerIsRelay) this.#isAlive(moment.now);
    this.#rtcp.hear(packets, moment, this.#sender.stream, this.#receiver.reception);
    this.#sender.expectLoss(this.#rtcp.remoteLoss);
    return undefined;
  }

  #sendReport(bye: boolean): void {
    const remote = this.#remote;
    const to = this.#destination;
    if (remote === undefined || to === undefined || this.#isInVain) return;
    const report = this.#rtcp.report(
      this.#around.moment(),
      this.#sender.stream,
      this.#receiver.reception,
      bye,
    );
    const packet = this.#srtp === undefined ? report : this.#srtp.protect(report);
    if (packet === undefined) return;
    if (remote.rtcpPort === remote.port) this.#port.send(packet, 0, packet.length, to);
    else this.#port.sendControl(packet, this.#controlSource ?? this.#controlDestination(remote, to));
  }

  /** Until RTCP was heard: SDP's port at SDP's address, the next port where media comes from elsewhere. */
  #controlDestination(remote: RemoteMedia, to: Source): Source {
    const port = isSame(to, remote) ? remote.rtcpPort : to.port + 1;
    return { address: to.address, port: Math.min(port, 65_535) };
  }

  #latched(source: Source, isSignalled: boolean): void {
    this.#port.unfollow();
    this.#controlSource = undefined;
    this.#latchUntold = isSignalled ? undefined : source;
    this.#tellLatched(this.#around.now());
  }

  /** Sources that take turns are told of one by one at first, and then now and then. */
  #tellLatched(now: number): void {
    if (this.#latchUntold === undefined || !this.#latchedRate.take(now)) return;
    const { address, port } = this.#latchUntold;
    this.#latchUntold = undefined;
    const codec = this.#remote!.codec;
    this.#around.report({ event: 'latched', args: [this.id, { address, port, codec }] });
  }

  /** Only the address in SDP is followed: from any other the kernel would keep it out. */
  #heard(source: Source, now: number): void {
    const { latch } = this.#receiver;
    if (!this.#port.isFollowing && latch.isSignalled && now - this.#earOpenAt >= EAR_OPEN)
      this.#port.follow({ address: source.address, port: source.port });
    this.#isAlive(now);
    this.#answered(source);
  }

  /** What comes from elsewhere says nothing of the address in SDP. */
  #answered(source: Source): void {
    if (source.address === this.#signalled?.address) this.#unanswered.answered();
  }

  #refuse(source: Source, now: number): void {
    const heard = this.#receiver.latch.known;
    // Another port of the same host is most often the peer itself, about to move.
    if (source.address === heard?.address) return;
    this.#refusedAt = now;
    this.#refused += 1;
    if (this.#refused !== RIVAL_AFTER) return;
    const { address, port } = source;
    const rival = { address, port, ...(heard !== undefined && { heard }) };
    this.#around.report({ event: 'contested', args: [this.id, rival] });
  }

  #isAlive(now: number): void {
    this.#heardAt = now;
    this.#silenceReported = false;
  }
}
