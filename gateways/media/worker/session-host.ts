import { randomBytes } from 'node:crypto';
import type { MessagePort } from 'node:worker_threads';
import { PortPool, RtpPort, randomStart, type StreamStart } from '../rtp/index.ts';
import type {
  LinkMessage,
  RelayFrame,
  RelayTarget,
  WorkerAnswer,
  WorkerCommand,
  WorkerOptions,
  WorkerReport,
} from '../session/index.ts';
import { MediaSession, type SessionSurroundings } from '../session/index.ts';
import { SrtpSession } from '../srtp/index.ts';

/** How often what sends by the clock is looked at, and how often what is due now and then; milliseconds. */
const PACE_EVERY = 5;
const SWEEP_EVERY = 50;

const systemCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error ? String(error.code) : undefined;

const LOOPBACK = '127.0.0.1';

type AllocateCommand = Extract<WorkerCommand, { op: 'allocate' }>;

/** What changes one session and is not answered. */
type SessionCommand = Exclude<WorkerCommand, { request: number } | { op: 'link' }>;

/** The media sessions of one worker thread: carries out commands and passes on what the sessions report. */
export class MediaSessionHost {
  readonly #options: WorkerOptions;
  readonly #pool: PortPool;
  readonly #pipePool: PortPool;
  /** Whose port each session has. */
  readonly #pools = new Map<MediaSession, PortPool>();
  readonly #sessions = new Map<string, MediaSession>();
  readonly #paced = new Set<MediaSession>();
  readonly #links = new Map<number, MessagePort>();
  readonly #report: (report: WorkerReport) => void;
  readonly #sweeper: NodeJS.Timeout;
  #pacemaker: NodeJS.Timeout | undefined;
  readonly #around: SessionSurroundings = {
    now: () => performance.now(),
    moment: () => ({ now: performance.now(), wallClock: performance.timeOrigin + performance.now() }),
    report: (event) => this.#report(event),
    pace: (session, wanted) => this.#pace(session, wanted),
    random: Math.random,
  };

  constructor(options: WorkerOptions, report: (report: WorkerReport) => void) {
    this.#options = options;
    this.#pool = new PortPool(options.ports);
    this.#pipePool = new PortPool(options.pipes.ports);
    this.#report = report;
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_EVERY);
  }

  /** Carries out a command; those with a request number are answered by a report. */
  handle(command: WorkerCommand): void {
    if ('request' in command) {
      void this.#answer(command).then((answer) => this.#report({ request: command.request, answer }));
    } else if (command.op === 'link') {
      this.#link(command.worker, command.port);
    } else {
      const session = this.#sessions.get(command.id);
      if (session !== undefined) this.#steer(session, command);
    }
  }

  #steer(session: MediaSession, command: SessionCommand): void {
    switch (command.op) {
      case 'play':
        session.play(command.playId, command.sampleRate);
        break;
      case 'piece':
        session.addPiece(command.playId, command.piece);
        break;
      case 'complete':
        session.completePlay(command.playId);
        break;
      case 'stop':
        session.stop(command.playId, command.failure);
        break;
      case 'digits':
        session.sendDigits(command.digits);
        break;
      case 'limit':
        session.setSilenceLimit(command.silenceLimit);
        break;
      case 'alive':
        session.othersHeard();
        break;
      case 'unbridge':
        session.unbridge();
        break;
      case 'bridge':
        session.bridge(command.partner, this.#target(command.partner, command.worker));
    }
  }

  async #answer(command: Extract<WorkerCommand, { request: number }>): Promise<WorkerAnswer> {
    if (command.op === 'allocate') return this.#allocate(command);
    if (command.op === 'close') return this.#close();
    const session = this.#sessions.get(command.id);
    if (session === undefined) return { kind: 'unknown' };
    if (command.op === 'stats') return { kind: 'stats', stats: session.stats() };
    if (command.op === 'lendable') return { kind: 'lendable', lendable: session.lendable };
    if (command.op === 'lend') return { kind: 'lent', lent: session.lend(command.ssrc) };
    if (command.op === 'reclaim') await session.reclaim();
    else if (command.op === 'connect') session.connect(command.remote, command.srtpKey);
    else await this.#release(session);
    return { kind: 'done' };
  }

  async #allocate(command: AllocateCommand): Promise<WorkerAnswer> {
    const pool = command.pipe === undefined ? this.#pool : this.#pipePool;
    // Ports that others use are passed over, and tried again another time.
    for (let tries = 0, all = pool.size; tries < all; tries++) {
      const first = command.port === undefined || tries > 0 ? undefined : pool.takeThis(command.port);
      const port = first ?? pool.take();
      if (port === undefined) break;
      try {
        const session = await this.#open(command, port);
        this.#sessions.set(command.id, session);
        this.#pools.set(session, pool);
        return { kind: 'port', port };
      } catch (error) {
        pool.giveBack(port);
        if (systemCode(error) !== 'EADDRINUSE') return { kind: 'failed', detail: String(error) };
      }
    }
    return { kind: 'no-ports' };
  }

  async #open({ id, silenceLimit, loopback, pipe }: AllocateCommand, port: number): Promise<MediaSession> {
    const { bindAddress, packetRate, lendsPorts, sendsSilence, pipes } = this.#options;
    // Reports of a pipe's other end are no sign that whoever is behind it is alive.
    const peerIsRelay = loopback !== undefined || pipe !== undefined;
    const opened =
      pipe === undefined
        ? await RtpPort.open(loopback ? LOOPBACK : bindAddress, port, { lendable: lendsPorts && !loopback })
        : await RtpPort.open(pipes.bindAddress, port, { muxed: true });
    const start = pipe === undefined ? { ...randomStart(), ...loopback } : startBeforeWrap();
    const options = {
      id,
      silenceLimit,
      packetRate,
      sendsSilence: sendsSilence && !peerIsRelay,
      peerIsRelay,
      start,
      cname: cname(),
      srtp: pipe && new SrtpSession(pipe.srtpKey),
    };
    return new MediaSession(options, opened, this.#around);
  }

  async #release(session: MediaSession): Promise<void> {
    this.#sessions.delete(session.id);
    await session.close();
    this.#pools.get(session)?.giveBack(session.port);
    this.#pools.delete(session);
  }

  async #close(): Promise<WorkerAnswer> {
    clearInterval(this.#sweeper);
    await Promise.all([...this.#sessions.values()].map((session) => this.#release(session)));
    for (const port of this.#links.values()) port.close();
    return { kind: 'done' };
  }

  #link(worker: number, port: MessagePort): void {
    this.#links.get(worker)?.close();
    this.#links.set(worker, port);
    port.on('message', ({ to, frame }: LinkMessage) => this.#sessions.get(to)?.relay(frame));
  }

  /** Looks a partner up for each frame, since it may have been released. */
  #target(partner: string, worker: number | undefined): RelayTarget {
    if (worker === undefined) return { relay: (frame) => this.#sessions.get(partner)?.relay(frame) };
    return { relay: (frame) => this.#links.get(worker)?.postMessage({ to: partner, frame: copyOf(frame) }) };
  }

  #pace(session: MediaSession, wanted: boolean): void {
    if (wanted) this.#paced.add(session);
    else this.#paced.delete(session);
    if (this.#paced.size > 0) {
      this.#pacemaker ??= setInterval(() => this.#beat(), PACE_EVERY);
    } else {
      clearInterval(this.#pacemaker);
      this.#pacemaker = undefined;
    }
  }

  #beat(): void {
    const now = performance.now();
    for (const session of this.#paced) session.pace(now);
  }

  #sweep(): void {
    const now = performance.now();
    for (const session of this.#sessions.values()) session.sweep(now);
  }
}

/** A receiver that misses the first packets of SRTP must not miss a wrap among them (RFC 3711, section 3.3.1). */
const startBeforeWrap = (): StreamStart => {
  const start = randomStart();
  return { ...start, sequence: start.sequence & 0x7fff };
};

/** A name that tells nothing about us (RFC 7022, section 4.2). */
const cname = (): string => randomBytes(12).toString('base64');

/** A frame that outlives the call: its payload and room for a header before it. */
const copyOf = (frame: RelayFrame): RelayFrame => {
  const packet = new Uint8Array(12 + frame.payloadEnd - frame.payloadStart);
  packet.set(frame.packet.subarray(frame.payloadStart, frame.payloadEnd), 12);
  return { ...frame, packet, payloadStart: 12, payloadEnd: packet.length };
};
