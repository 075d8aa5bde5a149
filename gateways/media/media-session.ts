import { isIP } from 'node:net';
import { LegReceiver } from './leg-receiver.ts';
import { LegSender } from './leg-sender.ts';
import { meanOpinionScore } from './mean-opinion-score.ts';
import type { RemoteMedia } from './media-plane.ts';
import { type DropReason, type MediaStats, noDrops } from './media-stats.ts';
import { PacketRate } from './packet-rate.ts';
import type { PlayPiece } from './player.ts';
import type { RelayFrame, RelayTarget } from './relay-frame.ts';
import { parseRtcp } from './rtcp-packet.ts';
import { type Moment, RtcpReporter } from './rtcp-reporter.ts';
import { isRtcp } from './rtp-packet.ts';
import type { RtpPort } from './rtp-port.ts';
import type { StreamStart } from './send-stream.ts';
import type { Source } from './source-latch.ts';
import type { Failure, Lendable, WorkerEvent } from './worker-protocol.ts';

/** Longer packets are nothing that telephones send; bytes. */
const MAX_PACKET = 2048;

/** What a session needs of the thread it lives in. */
export interface SessionSurroundings {
  /** Milliseconds on the clock that never goes back. */
  now(): number;
  moment(): Moment;
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
}

/** The address in SDP when media may be sent there at once: not a name, not port 0, not the unspecified address. */
const usable = ({ address, port, heardFirst }: RemoteMedia): Source | undefined =>
  heardFirst || isIP(address) === 0 || port === 0 || address === '0.0.0.0' || address === '::'
    ? undefined
    : { address, port };

const isSame = (a: Source, b: Source | undefined): boolean => a.port === b?.port && a.address === b.address;

/**
 * One leg's media: its port, what comes in there, what goes out, and whom it is joined with.
 *
 * Signs of life are valid RTP of the followed source, comfort noise too, and its RTCP; so a peer that is silent by
 * right (voice activity detection) is alive while it reports, provided that the limit of silence is longer than the
 * time between its reports (about 5 s).
 */
export class MediaSession implements RelayTarget {
  readonly id: string;
  readonly #port: RtpPort;
  readonly #around: SessionSurroundings;
  readonly #sender: LegSender;
  readonly #receiver: LegReceiver;
  readonly #rtcp: RtcpReporter;
  readonly #peerRate: PacketRate;
  readonly #otherRate: PacketRate;
  readonly #dropped = noDrops();
  #remote: RemoteMedia | undefined;
  #controlSource: Source | undefined;
  #partner: { readonly id: string; readonly target: RelayTarget } | undefined;
  readonly #peerIsRelay: boolean;
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
    this.#rtcp = new RtcpReporter(options.cname, around.now(), around.random);
    this.#peerRate = new PacketRate(options.packetRate);
    this.#otherRate = new PacketRate(options.packetRate);
    this.#sender = new LegSender(options.start, {
      mayTransmit: () => this.#mayTransmit,
      sendsSilence: options.sendsSilence,
      transmit: (packet, offset, length) =>
        port.send(packet, offset, length, this.#receiver.latch.destination!),
      wantPace: (wanted) => around.pace(this, wanted),
      heard: (playId) => around.report({ event: 'heard', args: [this.id, playId] }),
      played: (outcome) => around.report({ event: 'played', args: [this.id, outcome] }),
    });
    this.#receiver = new LegReceiver(options.id, {
      latched: (source, isSignalled) => this.#latched(source, isSignalled),
      heard: (source, now) => this.#heard(source, now),
      digit: (digit, source) => around.report({ event: 'digit', args: [this.id, { ...digit, source }] }),
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

  connect(remote: RemoteMedia): void {
    const now = this.#around.now();
    this.#remote = remote;
    this.#receiver.connect(remote, usable(remote), now);
    if (this.#receiver.latch.known === undefined) {
      this.#port.unfollow();
      this.#controlSource = undefined;
    }
    this.#isAlive(now);
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
    const isSteady = this.#receiver.hearsWhatIsSent && this.#receiver.speaks(this.#around.now());
    if (this.#lent || !isPlain || !isSteady || source === undefined || ssrc === undefined) return undefined;
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
    const source = this.#receiver.latch.known;
    if (!this.#lent && source !== undefined) this.#port.follow(source);
  }

  /** The peer was heard by whoever has the port. */
  othersHeard(): void {
    const now = this.#around.now();
    this.#isAlive(now);
    this.#receiver.latch.refresh(now);
  }

  setSilenceLimit(limit: number): void {
    this.#silenceLimit = limit;
    this.#isAlive(this.#around.now());
  }

  pace(now: number): void {
    this.#sender.pace(now);
  }

  /** Does what has become due; called some times a second. */
  sweep(now: number): void {
    // The kernel passes nobody else's packets on while we follow a source.
    if (this.#port.isFollowing && this.#receiver.latch.isOpen(now)) this.#port.unfollow();
    this.#receiver.sweep(now);
    if (this.#remote === undefined) return;
    if (!this.#lent && this.#rtcp.isDue(now)) this.#sendReport(false);
    const silentFor = now - this.#heardAt;
    const watched = this.#silenceLimit > 0 && this.#receiver.expectsMedia && !this.#silenceReported;
    if (!watched || silentFor < this.#silenceLimit) return;
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
    return listens && !this.#lent && this.#receiver.latch.destination !== undefined;
  }

  #receive(packet: Uint8Array, source: Source, arrivedOn: 'rtp' | 'rtcp'): DropReason | undefined {
    const now = this.#around.now();
    const rate = isSame(source, this.#receiver.latch.known) ? this.#peerRate : this.#otherRate;
    if (!rate.allow(now)) return 'rate';
    // Nothing could be sent back to port 0, which only a forged packet comes from.
    if (packet.length > MAX_PACKET || source.port === 0) return 'malformed';
    return arrivedOn === 'rtcp' || isRtcp(packet)
      ? this.#receiveControl(packet, source, arrivedOn)
      : this.#receiver.take(packet, source, now);
  }

  /** RTCP is believed when it comes from the host that media goes to; its port may be any, for NAT. */
  #receiveControl(packet: Uint8Array, source: Source, arrivedOn: 'rtp' | 'rtcp'): DropReason | undefined {
    if (this.#remote === undefined) return 'early';
    if (source.address !== this.#receiver.latch.destination?.address) return 'stranger';
    const packets = parseRtcp(packet);
    if (packets === undefined) return 'malformed';
    if (arrivedOn === 'rtcp') this.#controlSource = { address: source.address, port: source.port };
    const moment = this.#around.moment();
    if (!this.#peerIsRelay) this.#isAlive(moment.now);
    this.#rtcp.hear(packets, moment, this.#sender.stream, this.#receiver.reception);
    this.#sender.expectLoss(this.#rtcp.remoteLoss);
    return undefined;
  }

  #sendReport(bye: boolean): void {
    const remote = this.#remote;
    const to = this.#receiver.latch.destination;
    if (remote === undefined || to === undefined) return;
    const report = this.#rtcp.report(
      this.#around.moment(),
      this.#sender.stream,
      this.#receiver.reception,
      bye,
    );
    if (remote.rtcpPort === remote.port) this.#port.send(report, 0, report.length, to);
    else this.#port.sendControl(report, this.#controlSource ?? this.#controlDestination(remote, to));
  }

  /** Until RTCP was heard: SDP's port at SDP's address, the next port where media comes from elsewhere. */
  #controlDestination(remote: RemoteMedia, to: Source): Source {
    const port = isSame(to, remote) ? remote.rtcpPort : to.port + 1;
    return { address: to.address, port: Math.min(port, 65_535) };
  }

  #latched(source: Source, isSignalled: boolean): void {
    this.#port.unfollow();
    this.#controlSource = undefined;
    if (isSignalled) return;
    const { address, port } = source;
    const codec = this.#remote!.codec;
    this.#around.report({ event: 'latched', args: [this.id, { address, port, codec }] });
  }

  #heard(source: Source, now: number): void {
    if (!this.#port.isFollowing) this.#port.follow({ address: source.address, port: source.port });
    this.#isAlive(now);
  }

  #isAlive(now: number): void {
    this.#heardAt = now;
    this.#silenceReported = false;
  }
}
