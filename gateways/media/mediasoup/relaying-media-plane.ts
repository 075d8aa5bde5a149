import { TandemError } from '@tandem/actors/errors/tandem-error.ts';
import { meanOpinionScore } from '../mean-opinion-score.ts';
import type {
  AllocateRequest,
  Allocation,
  BridgeOptions,
  MediaEvents,
  MediaPlane,
  PipeEnd,
  PipeRequest,
  PlayRequest,
  RemoteMedia,
} from '../media-plane.ts';
import type { MediaStats } from '../media-stats.ts';
import type { RtpMediaPlane } from '../rtp-media-plane.ts';
import { pipeFormat } from './formats.ts';
import { Pipe, type PipeOptions } from './pipe.ts';
import { openRelay } from './relay.ts';
import type { RelayWorkers } from './relay-workers.ts';
import { type BridgeSurroundings, RelayedBridge } from './relayed-bridge.ts';
import { addRelayed, NOTHING_RELAYED, type Relayed } from './relayed-stats.ts';
import { Rooms } from './rooms.ts';

export interface RelayingOptions {
  /** The address that sessions are bound to. */
  readonly bindAddress: string;
  readonly pipes: PipeOptions;
  /** Milliseconds between looks at what can be handed over and at who has fallen silent. */
  readonly lookEvery: number;
  readonly onFault: (error: TandemError) => void;
}

/**
 * Media sessions in our own threads, with mediasoup's workers beside them: pipes to other media planes end there, and
 * the packets of bridges that nobody listens to pass through them alone.
 */
export class RelayingMediaPlane implements MediaPlane {
  readonly #sessions: RtpMediaPlane;
  readonly #workers: RelayWorkers;
  readonly #rooms: Rooms;
  readonly #options: RelayingOptions;
  readonly #pipes = new Map<string, Pipe>();
  readonly #opening = new Map<string, Promise<PipeEnd>>();
  readonly #bridges = new Map<string, RelayedBridge>();
  readonly #ended = new Set<Promise<void>>();
  readonly #relayed = new Map<string, Relayed>();
  readonly #around: BridgeSurroundings;
  #looking: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;

  /** Closes the sessions and the workers with itself. */
  constructor(sessions: RtpMediaPlane, workers: RelayWorkers, options: RelayingOptions) {
    this.#sessions = sessions;
    this.#workers = workers;
    this.#rooms = new Rooms(workers);
    this.#options = options;
    this.#around = {
      sessions,
      pipe: (id) => this.#pipes.get(id),
      openRelay: (a, b) => openRelay(this.#rooms, options.bindAddress, a, b),
      relayed: (id, stats) => {
        if (sessions.has(id))
          this.#relayed.set(id, addRelayed(this.#relayed.get(id) ?? NOTHING_RELAYED, stats));
      },
      failed: (error) => {
        if (this.#closing === undefined) options.onFault(asRelayFault(error));
      },
    };
  }

  allocate(request: AllocateRequest): Promise<Allocation> {
    return this.#sessions.allocate(request);
  }

  openPipe(request: PipeRequest): Promise<PipeEnd> {
    const known = this.#pipes.get(request.id);
    if (known !== undefined) return Promise.resolve(known.end);
    const underway = this.#opening.get(request.id) ?? this.#openPipe(request);
    this.#opening.set(request.id, underway);
    return underway;
  }

  async connectPipe(id: string, remote: PipeEnd): Promise<void> {
    const pipe = this.#pipes.get(id);
    if (pipe === undefined) throw new TandemError('media.unknown-session', { id });
    if (pipe.remote !== undefined) {
      if (isSameEnd(pipe.remote, remote)) return;
      throw new TandemError('media.bad-pipe-end', { id, detail: 'it is connected to another one' });
    }
    await pipe.connect(remote).catch((error) => {
      throw new TandemError('media.bad-pipe-end', { id, detail: String(error) });
    });
    const { codec, payloadType, dtmfPayloadType } = pipe.format;
    const port = pipe.insidePort;
    await this.#sessions.connect(id, {
      ...{ codec, payloadType, dtmfPayloadType },
      ...{ address: '127.0.0.1', port, rtcpPort: port, direction: 'sendrecv', ptime: 20 },
    });
  }

  async connect(id: string, remote: RemoteMedia): Promise<void> {
    void this.#takeBack(id);
    await this.#sessions.connect(id, remote);
  }

  play(id: string, request: PlayRequest): void {
    void this.#takeBack(id);
    this.#sessions.play(id, request);
  }

  stop(id: string, playId: string): void {
    this.#sessions.stop(id, playId);
  }

  sendDigits(id: string, digits: string): void {
    void this.#takeBack(id);
    this.#sessions.sendDigits(id, digits);
  }

  bridge(a: string, b: string, { hears = true }: BridgeOptions = {}): void {
    let bridge = this.#bridges.get(a);
    if (bridge === undefined || bridge !== this.#bridges.get(b)) {
      if (a === b || !this.#sessions.has(a) || !this.#sessions.has(b)) return;
      this.#part(a);
      this.#part(b);
      bridge = new RelayedBridge(a, b, this.#around);
      this.#bridges.set(a, bridge);
      this.#bridges.set(b, bridge);
    }
    this.#sessions.bridge(a, b);
    bridge.listen(a, hears);
    if (!bridge.isQuiet) return;
    this.#looking ??= setInterval(() => this.#look(), this.#options.lookEvery);
    void bridge.look();
  }

  unbridge(id: string): void {
    this.#part(id);
    this.#sessions.unbridge(id);
  }

  setSilenceLimit(id: string, limit: number): void {
    this.#sessions.setSilenceLimit(id, limit);
  }

  async release(id: string): Promise<void> {
    await this.#opening.get(id)?.catch(() => {});
    // The port is closed there before it is given to another session.
    await this.#part(id);
    await this.#sessions.release(id);
    this.#pipes.get(id)?.close();
    this.#pipes.delete(id);
    this.#relayed.delete(id);
  }

  async stats(id: string): Promise<MediaStats> {
    const [ours, now] = await Promise.all([this.#sessions.stats(id), this.#bridges.get(id)?.stats(id)]);
    const before = this.#relayed.get(id);
    if (before === undefined && now === undefined) return ours;
    return withRelayed(ours, addRelayed(before ?? NOTHING_RELAYED, now ?? NOTHING_RELAYED));
  }

  /** Whether a worker has a session's packets now, and our code none. */
  isRelayed(id: string): boolean {
    return this.#bridges.get(id)?.isRelayed === true;
  }

  on<E extends keyof MediaEvents>(event: E, listener: (...args: MediaEvents[E]) => void): this {
    this.#sessions.on(event, listener as never);
    return this;
  }

  off<E extends keyof MediaEvents>(event: E, listener: (...args: MediaEvents[E]) => void): this {
    this.#sessions.off(event, listener as never);
    return this;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** A worker has ended: our code goes on with what it had, but its pipes have no keys and ports any more. */
  lost(error: TandemError): void {
    this.#options.onFault(error);
    for (const bridge of new Set(this.#bridges.values())) if (bridge.isLost) this.#wait(bridge.takeBack());
    for (const [id, pipe] of this.#pipes) {
      if (!pipe.lost) continue;
      this.#pipes.delete(id);
      pipe.close();
      void this.#part(id);
      this.#sessions.lose(id);
    }
  }

  async #openPipe({ id, codec, silenceLimit = 0, room: name }: PipeRequest): Promise<PipeEnd> {
    const format = pipeFormat(codec);
    const { pipes } = this.#options;
    try {
      const room = await this.#rooms.enter(format, name);
      const pipe = await Pipe.open(room, format, pipes).catch((error) => {
        room.leave();
        throw isPortShortage(error)
          ? new TandemError('media.no-ports', { ...pipes.ports, address: pipes.bindAddress })
          : new TandemError('media.relay-lost', { detail: String(error) });
      });
      try {
        const { port } = await this.#sessions.allocate({ id, silenceLimit, loopback: { ssrc: pipe.ssrc } });
        await pipe.connectInside(port);
        if (this.#closing !== undefined) throw new TandemError('media.closed', {});
      } catch (error) {
        pipe.close();
        await this.#sessions.release(id);
        throw error;
      }
      this.#pipes.set(id, pipe);
      return pipe.end;
    } finally {
      this.#opening.delete(id);
    }
  }

  #takeBack(id: string): Promise<void> {
    const done = this.#bridges.get(id)?.takeBack();
    return done === undefined ? Promise.resolve() : this.#wait(done);
  }

  /** Ends the bridge that a session is in. */
  #part(id: string): Promise<void> {
    const bridge = this.#bridges.get(id);
    if (bridge === undefined) return Promise.resolve();
    for (const member of bridge.ids) this.#bridges.delete(member);
    if (this.#bridges.size === 0) {
      clearInterval(this.#looking);
      this.#looking = undefined;
    }
    return this.#wait(bridge.takeBack());
  }

  #wait(done: Promise<void>): Promise<void> {
    this.#ended.add(done);
    return done.finally(() => this.#ended.delete(done));
  }

  #look(): void {
    for (const bridge of new Set(this.#bridges.values())) void bridge.look();
  }

  async #close(): Promise<void> {
    clearInterval(this.#looking);
    await Promise.allSettled(this.#opening.values());
    for (const id of [...this.#bridges.keys()]) void this.#part(id);
    await Promise.allSettled(this.#ended);
    await this.#sessions.close();
    await this.#workers.close();
    this.#pipes.clear();
  }
}

const asRelayFault = (error: unknown): TandemError =>
  error instanceof TandemError ? error : new TandemError('media.relay-lost', { detail: String(error) });

const isSameEnd = (a: PipeEnd, b: PipeEnd): boolean =>
  a.address === b.address && a.port === b.port && a.srtp.keyBase64 === b.srtp.keyBase64;

/** mediasoup has no code for it, only words. */
const isPortShortage = (error: unknown): boolean => /port/.test(String(error));

const withRelayed = (ours: MediaStats, relayed: Relayed): MediaStats => {
  const packets = ours.receivedPackets + relayed.receivedPackets;
  const lost = ours.lost + relayed.lost;
  const jitter = relayed.jitter ?? ours.jitter;
  const roundTrip = relayed.roundTrip ?? ours.roundTrip;
  return {
    ...ours,
    sentPackets: ours.sentPackets + relayed.sentPackets,
    sentOctets: ours.sentOctets + relayed.sentOctets,
    receivedPackets: packets,
    receivedOctets: ours.receivedOctets + relayed.receivedOctets,
    ...{ lost, jitter, roundTrip },
    mos: packets === 0 ? undefined : meanOpinionScore({ packets, lost, jitter, roundTrip }),
    remoteLost: relayed.remoteLost ?? ours.remoteLost,
    remoteJitter: relayed.remoteJitter ?? ours.remoteJitter,
  };
};
