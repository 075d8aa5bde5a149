import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { isIPv6 } from 'node:net';
import { asRecorded, TandemError } from '@tandem/actors/errors';
import { CODECS, type SampleRate } from '../../audio/codecs/index.ts';
import type {
  AllocateRequest,
  Allocation,
  MediaEvents,
  MediaPlane,
  PipeEnd,
  PipeOptions,
  PipeRequest,
  PlayRequest,
  RemoteMedia,
} from '../plane/index.ts';
import { type Format, isSameEnd, keyOfEnd, PIPE_KEY_LENGTH, pipeFormat } from '../plane/index.ts';
import type { MediaStats, PortRange } from '../rtp/index.ts';
import type { Lendable, WorkerAnswer, WorkerEvent } from '../session/index.ts';
import { CRYPTO_SUITE } from '../srtp/index.ts';
import { PlayFeed, type Render } from './play-feed.ts';
import type { WorkerHandle } from './worker-handle.ts';
import { WorkerPool } from './worker-pool.ts';

/** Below 32768, where the system takes ports from for sockets that name none. */
const DEFAULT_PORTS: PortRange = { first: 20_000, last: 29_999 };
/** Of pipes: apart from the sessions' ports, and below those that the system hands out. */
export const PIPE_PORTS: PortRange = { first: 18_000, last: 18_999 };
/** Packets per second and port: five times a call at 20 ms. */
const DEFAULT_PACKET_RATE = 250;

export interface RtpMediaPlaneOptions {
  /** Address that the sockets are bound to; also decides between IPv4 and IPv6. */
  readonly bindAddress: string;
  /** Address that peers are told, when it is another one (NAT, a public address mapped to this host). */
  readonly advertisedAddress?: string;
  /** Both ends included; 20000 to 29999 unless given. */
  readonly ports?: PortRange;
  /** Threads that carry packets; each has a part of the ports. 1 unless given. */
  readonly workers?: number;
  /** Packets per second that one port takes before it drops some; 250 unless given. */
  readonly packetRate?: number;
  /** Makes sound of a rate out of an item of a play (but not of silence); what it throws becomes the play's outcome. */
  readonly render: Render;
  /** Whether another process of ours may be given the port of a session. No unless given. */
  readonly lendsPorts?: boolean;
  /**
   * Whether a peer that expects sound is sent silence while nothing is played to it and it is not bridged, so that it
   * does not take the call for lost. Costs what any other packets cost. No unless given.
   */
  readonly sendsSilence?: boolean;
  /** Where pipes to other media planes end. As sessions, on ports 18000 to 18999, unless given. */
  readonly pipes?: PipeOptions;
  /** Hears of faults that no caller waits for, such as the loss of a thread. */
  readonly onFault?: (error: TandemError) => void;
}

interface SessionRequest extends AllocateRequest {
  /** A session may have its peer on this machine; then it is told the SSRC that it sends with. */
  readonly loopback?: { readonly ssrc: number };
  /** Or it is the end of a pipe. */
  readonly pipe?: { readonly format: Format; readonly srtpKey: Uint8Array };
}

/** What the end of a pipe has beside a session. */
interface OwnPipe {
  readonly end: PipeEnd;
  readonly format: Format;
  remote?: PipeEnd;
}

interface Session {
  readonly allocation: Allocation;
  readonly worker: WorkerHandle;
  /** The rate at which its peer hears best; 8 kHz until the peer is known. */
  sampleRate: SampleRate;
  /** The play that is under way. */
  play?: { readonly id: string; readonly feed: PlayFeed };
  partner?: string;
  readonly pipe?: OwnPipe;
}

/**
 * Media sessions over RTP (RFC 3550), in worker threads. Commands without a promise never throw: for a
 * session that is not there they do nothing, save `play`, which is reported as failed.
 *
 * When a thread is lost, what its sessions played is reported as failed with `media.worker-lost`, each is reported as
 * `stopped`, and they are gone; the thread is started anew for the next allocation.
 */
export class RtpMediaPlane extends EventEmitter<MediaEvents> implements MediaPlane {
  readonly #options: RtpMediaPlaneOptions;
  readonly #ports: PortRange;
  readonly #pipes: PipeOptions;
  readonly #pool: WorkerPool;
  readonly #sessions = new Map<string, Session>();
  readonly #allocating = new Map<string, Promise<Allocation>>();
  #closing: Promise<void> | undefined;

  constructor(options: RtpMediaPlaneOptions) {
    super();
    const { bindAddress, ports = DEFAULT_PORTS, workers = 1, packetRate = DEFAULT_PACKET_RATE } = options;
    const { lendsPorts = false, sendsSilence = false } = options;
    const { advertisedAddress, pipes = { bindAddress, advertisedAddress, ports: PIPE_PORTS } } = options;
    this.#options = options;
    this.#ports = ports;
    this.#pipes = pipes;
    this.#pool = new WorkerPool(
      { bindAddress, ports, workers, packetRate, lendsPorts, sendsSilence, pipes },
      {
        event: (event) => this.#pass(event),
        lost: (worker, error) => this.#lost(worker, error),
      },
    );
  }

  /** Packets per second that one port takes. */
  get packetRate(): number {
    return this.#options.packetRate ?? DEFAULT_PACKET_RATE;
  }

  allocate(request: SessionRequest): Promise<Allocation> {
    const known = this.#sessions.get(request.id)?.allocation;
    if (known !== undefined) return Promise.resolve(known);
    const underway = this.#allocating.get(request.id) ?? this.#allocate(request);
    this.#allocating.set(request.id, underway);
    return underway;
  }

  /** A session whose packets our own code encrypts. mediasoup's worker does so for less; see RelayingMediaPlane. */
  async openPipe({ id, codec, silenceLimit = 0 }: PipeRequest): Promise<PipeEnd> {
    const pipe = { format: pipeFormat(codec), srtpKey: randomBytes(PIPE_KEY_LENGTH) };
    await this.allocate({ id, silenceLimit, pipe });
    return this.#pipe(id).end;
  }

  async connectPipe(id: string, remote: PipeEnd): Promise<void> {
    const pipe = this.#pipe(id);
    if (pipe.remote !== undefined) {
      if (isSameEnd(pipe.remote, remote)) return;
      throw new TandemError('media.bad-pipe-end', { id, detail: 'it is connected to another one' });
    }
    const srtpKey = keyOfEnd(id, remote, pipe.end);
    pipe.remote = remote;
    const { address, port } = remote;
    await this.#connect(
      id,
      {
        ...pipe.format,
        address,
        port,
        rtcpPort: port,
        direction: 'sendrecv',
        ptime: 20,
        // The other end sends from where it is, and is one of ours: it is sent media though it is silent yet.
        latch: 'never',
        networks: [`${address}/${isIPv6(address) ? 128 : 32}`],
      },
      srtpKey,
    );
  }

  /** Whether a session is the end of a pipe that this plane encrypts itself. */
  hasPipe(id: string): boolean {
    return this.#sessions.get(id)?.pipe !== undefined;
  }

  connect(id: string, remote: RemoteMedia): Promise<void> {
    return this.#connect(id, remote);
  }

  play(id: string, request: PlayRequest): void {
    const session = this.#sessions.get(id);
    if (session === undefined) {
      this.#playFailed(id, request.playId, unknownSession(id));
      return;
    }
    endPlay(session);
    session.worker.tell({ op: 'play', id, playId: request.playId, sampleRate: session.sampleRate });
    void this.#feed(id, session, request);
  }

  stop(id: string, playId: string): void {
    const session = this.#sessions.get(id);
    if (session?.play?.id !== playId) return;
    endPlay(session);
    session.worker.tell({ op: 'stop', id, playId });
  }

  sendDigits(id: string, digits: string): void {
    this.#sessions.get(id)?.worker.tell({ op: 'digits', id, digits });
  }

  bridge(a: string, b: string): void {
    const first = this.#sessions.get(a);
    const second = this.#sessions.get(b);
    if (first === undefined || second === undefined || a === b) return;
    if (first.partner === b && second.partner === a) return;
    if (first.partner !== b) this.unbridge(a);
    if (second.partner !== a) this.unbridge(b);
    first.partner = b;
    second.partner = a;
    this.#pool.link(first.worker, second.worker);
    this.#join(a, first, b, second);
    this.#join(b, second, a, first);
  }

  unbridge(id: string): void {
    const session = this.#sessions.get(id);
    const partner = session?.partner;
    if (session === undefined || partner === undefined) return;
    session.partner = undefined;
    session.worker.tell({ op: 'unbridge', id });
    const other = this.#sessions.get(partner);
    if (other?.partner !== id) return;
    other.partner = undefined;
    other.worker.tell({ op: 'unbridge', id: partner });
  }

  setSilenceLimit(id: string, limit: number): void {
    this.#sessions.get(id)?.worker.tell({ op: 'limit', id, silenceLimit: limit });
  }

  async release(id: string): Promise<void> {
    await this.#allocating.get(id)?.catch(() => {});
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    this.unbridge(id);
    endPlay(session);
    this.#sessions.delete(id);
    session.worker.sessions -= 1;
    // A thread that was lost has released everything already.
    await session.worker.ask({ op: 'release', id }).catch(() => {});
  }

  /** What a session has measured so far. @throws media.unknown-session */
  async stats(id: string): Promise<MediaStats> {
    const answer = await this.#session(id).worker.ask({ op: 'stats', id });
    if (answer.kind !== 'stats') throw new TandemError('media.unknown-session', { id });
    return answer.stats;
  }

  /** What another process must know to take a session's port over; undefined while that would not do. */
  async lendable(id: string): Promise<Lendable | undefined> {
    const answer = await this.#sessions.get(id)?.worker.ask({ op: 'lendable', id });
    return answer?.kind === 'lendable' ? answer.lendable : undefined;
  }

  /** Leaves a session's port to another process. @returns false when that would not do any more */
  async lend(id: string, ssrc: number): Promise<boolean> {
    const answer = await this.#sessions.get(id)?.worker.ask({ op: 'lend', id, ssrc });
    return answer?.kind === 'lent' && answer.lent;
  }

  /** Takes a port back, before what is said to the session next. Resolves when it is bound again. */
  async reclaim(id: string): Promise<void> {
    await this.#sessions.get(id)?.worker.ask({ op: 'reclaim', id });
  }

  /** The peer of a session was heard by whoever has its port. */
  othersHeard(id: string): void {
    this.#sessions.get(id)?.worker.tell({ op: 'alive', id });
  }

  has(id: string): boolean {
    return this.#sessions.has(id);
  }

  /** Gives a session up that nothing can be heard on any more. What it plays is reported as stopped. */
  lose(id: string): void {
    if (!this.has(id)) return;
    void this.release(id);
    this.emit('stopped', id, 0);
  }

  /** Releases all sessions and ends the threads. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.allSettled(this.#allocating.values());
    for (const session of this.#sessions.values()) endPlay(session);
    this.#sessions.clear();
    await this.#pool.close();
  }

  async #connect(id: string, remote: RemoteMedia, srtpKey?: Uint8Array): Promise<void> {
    const session = this.#session(id);
    session.sampleRate = CODECS[remote.codec].sampleRate;
    const answer = await session.worker.ask({ op: 'connect', id, remote, srtpKey });
    if (answer.kind !== 'done') throw new TandemError('media.unknown-session', { id });
  }

  async #allocate(request: SessionRequest): Promise<Allocation> {
    const { bindAddress: address, ports } = request.pipe
      ? this.#pipes
      : { bindAddress: this.#options.bindAddress, ports: this.#ports };
    try {
      const tried = new Set<WorkerHandle>();
      for (;;) {
        if (this.#closing !== undefined) throw new TandemError('media.closed', {});
        const wanted = request.port === undefined ? undefined : this.#pool.owning(request.port);
        const worker = wanted !== undefined && tried.size === 0 ? wanted : this.#pool.leastLoaded(tried);
        if (worker === undefined) {
          throw new TandemError('media.no-ports', { ...ports, address });
        }
        tried.add(worker);
        const { pipe, ...wanting } = request;
        const answer = await worker.ask({
          op: 'allocate',
          ...wanting,
          ...(pipe !== undefined && { pipe: { srtpKey: pipe.srtpKey } }),
        });
        const allocation = this.#allocated(request, worker, answer);
        if (allocation !== undefined) return allocation;
      }
    } finally {
      this.#allocating.delete(request.id);
    }
  }

  #allocated(
    { id, pipe }: SessionRequest,
    worker: WorkerHandle,
    answer: WorkerAnswer,
  ): Allocation | undefined {
    const { bindAddress, advertisedAddress = bindAddress } = pipe === undefined ? this.#options : this.#pipes;
    if (answer.kind === 'port') {
      const allocation = { id, address: advertisedAddress, port: answer.port };
      this.#sessions.set(id, {
        allocation,
        worker,
        sampleRate: 8000,
        ...(pipe !== undefined && { pipe: ownPipe(allocation, pipe) }),
      });
      worker.sessions += 1;
      return allocation;
    }
    if (answer.kind === 'no-ports') return undefined;
    const detail = answer.kind === 'failed' ? answer.detail : answer.kind;
    throw new TandemError('media.bind-failed', { address: bindAddress, detail });
  }

  #pass({ event, args }: WorkerEvent): void {
    const session = this.#sessions.get(args[0]);
    if (event === 'heard') {
      if (session?.play?.id === args[1]) session.play.feed.heard();
      return;
    }
    if (event === 'played' && session?.play?.id === args[1].playId) endPlay(session);
    (this.emit as (event: string, ...args: unknown[]) => boolean)(event, ...args);
  }

  #lost(worker: WorkerHandle, error: TandemError): void {
    const gone = [...this.#sessions].filter(([, session]) => session.worker === worker);
    for (const [id] of gone) this.unbridge(id);
    for (const [id] of gone) this.#sessions.delete(id);
    this.#options.onFault?.(error);
    for (const [id, session] of gone) {
      const playId = session.play?.id;
      endPlay(session);
      if (playId !== undefined) this.#playFailed(id, playId, error);
      this.emit('stopped', id, 0);
    }
  }

  #session(id: string): Session {
    if (this.#closing !== undefined) throw new TandemError('media.closed', {});
    const session = this.#sessions.get(id);
    if (session === undefined) throw unknownSession(id);
    return session;
  }

  /** @throws media.unknown-session, media.closed */
  #pipe(id: string): OwnPipe {
    const { pipe } = this.#session(id);
    if (pipe === undefined) throw unknownSession(id);
    return pipe;
  }

  #join(id: string, session: Session, partner: string, other: Session): void {
    const worker = other.worker === session.worker ? undefined : other.worker.index;
    session.worker.tell({ op: 'bridge', id, partner, worker });
  }

  /** Makes what a play says while it is heard. */
  async #feed(id: string, session: Session, request: PlayRequest): Promise<void> {
    const { playId, account = '' } = request;
    const { sampleRate, worker } = session;
    const feed = new PlayFeed({
      render: this.#options.render,
      sampleRate,
      asker: { account, leg: id },
      give: (piece) => worker.tell({ op: 'piece', id, playId, piece }),
    });
    session.play = { id: playId, feed };
    try {
      if (await feed.run(request)) worker.tell({ op: 'complete', id, playId });
    } catch (error) {
      worker.tell({ op: 'stop', id, playId, failure: asRecorded(error) });
    }
  }

  /** Reported later, as every outcome is: never while the caller is still starting the play. */
  #playFailed(id: string, playId: string, error: TandemError): void {
    queueMicrotask(() => this.emit('played', id, { playId, outcome: 'failed', ...asRecorded(error) }));
  }
}

const ownPipe = (
  { address, port }: Allocation,
  { format, srtpKey }: NonNullable<SessionRequest['pipe']>,
): OwnPipe => {
  const srtp = { cryptoSuite: CRYPTO_SUITE, keyBase64: Buffer.from(srtpKey).toString('base64') };
  return { end: { address, port, srtp }, format };
};

const unknownSession = (id: string) => new TandemError('media.unknown-session', { id });

const endPlay = (session: Session): void => {
  session.play?.feed.end();
  session.play = undefined;
};
