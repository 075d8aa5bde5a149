import { TandemError } from '@tandem/actors/errors';
import type {
  AllocateRequest,
  Allocation,
  BridgeOptions,
  MediaEvents,
  MediaPlane,
  PipeEnd,
  PipeOptions,
  PipeRequest,
  PlayRequest,
  RemoteMedia,
} from '../plane/index.ts';
import type { MediaStats } from '../rtp/index.ts';
import type { RtpMediaPlane } from '../worker/index.ts';
import { Pipes } from './pipes.ts';
import { openRelay } from './relay.ts';
import type { RelayWorkers } from './relay-workers.ts';
import { type BridgeSurroundings, RelayedBridge } from './relayed-bridge.ts';
import { addRelayed, NOTHING_RELAYED, type Relayed, withRelayed } from './relayed-stats.ts';
import { Rooms } from './rooms.ts';
import { Rounds } from './rounds.ts';

export interface RelayingOptions {
  /** The address that sessions are bound to. */
  readonly bindAddress: string;
  readonly pipes: PipeOptions;
  /** Milliseconds between looks at what can be handed over and at who has fallen silent. */
  readonly lookEvery: number;
  readonly onFault: (error: TandemError) => void;
}

/**
 * Milliseconds from one glance to the next at what comes to ports that a worker has. What comes there in vain between
 * two of them is what the other party misses when a peer changes its SSRC, its address or its format in mid-call.
 */
const WATCH_EVERY = 200;

/**
 * Media sessions in our own threads, with mediasoup's workers beside them: pipes to other media planes end there, and
 * the packets of bridges that nobody listens to pass through them alone.
 */
export class RelayingMediaPlane implements MediaPlane {
  readonly #sessions: RtpMediaPlane;
  readonly #workers: RelayWorkers;
  readonly #options: RelayingOptions;
  readonly #pipes: Pipes;
  readonly #bridges = new Map<string, RelayedBridge>();
  readonly #ended = new Set<Promise<void>>();
  readonly #relayed = new Map<string, Relayed>();
  readonly #around: BridgeSurroundings;
  #looking: readonly Rounds<RelayedBridge>[] = [];
  #closing: Promise<void> | undefined;

  /** Closes the sessions and the workers with itself. */
  constructor(sessions: RtpMediaPlane, workers: RelayWorkers, options: RelayingOptions) {
    this.#sessions = sessions;
    this.#workers = workers;
    const rooms = new Rooms(workers);
    this.#pipes = new Pipes(sessions, rooms, options.pipes);
    this.#options = options;
    this.#around = {
      sessions,
      pipe: (id) => this.#pipes.get(id),
      openRelay: (a, b) => openRelay(rooms, options.bindAddress, a, b),
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

  async openPipe(request: PipeRequest): Promise<PipeEnd> {
    if (this.#sessions.hasPipe(request.id)) return this.#sessions.openPipe(request);
    return this.#pipes.open(request).catch((error) => {
      if (!(error instanceof TandemError) || error.code !== 'media.no-worker') throw error;
      // The program is there and does not run.
      this.#options.onFault(error);
      return this.#sessions.openPipe(request);
    });
  }

  connectPipe(id: string, remote: PipeEnd): Promise<void> {
    const own = this.#sessions.hasPipe(id);
    return own ? this.#sessions.connectPipe(id, remote) : this.#pipes.connect(id, remote);
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
    if (this.#looking.length === 0) this.#looking = this.#look();
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
    await this.#pipes.settled(id);
    // The port is closed there before it is given to another session.
    await this.#part(id);
    await this.#sessions.release(id);
    this.#pipes.release(id);
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
    for (const id of this.#pipes.lose()) {
      void this.#part(id);
      this.#sessions.lose(id);
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
    if (this.#bridges.size === 0) this.#lookAway();
    return this.#wait(bridge.takeBack());
  }

  #look(): Rounds<RelayedBridge>[] {
    const all = () => new Set(this.#bridges.values());
    const relayed = () => [...all()].filter((one) => one.isRelayed);
    return [
      new Rounds(this.#options.lookEvery, all, (one) => void one.look()),
      new Rounds(WATCH_EVERY, relayed, (one) => void one.watch()),
    ];
  }

  #lookAway(): void {
    for (const rounds of this.#looking) rounds.stop();
    this.#looking = [];
  }

  #wait(done: Promise<void>): Promise<void> {
    this.#ended.add(done);
    return done.finally(() => this.#ended.delete(done));
  }

  async #close(): Promise<void> {
    this.#lookAway();
    await this.#pipes.close();
    for (const id of [...this.#bridges.keys()]) void this.#part(id);
    await Promise.allSettled(this.#ended);
    await this.#sessions.close();
    await this.#workers.close();
  }
}

const asRelayFault = (error: unknown): TandemError =>
  error instanceof TandemError ? error : new TandemError('media.relay-lost', { detail: String(error) });
