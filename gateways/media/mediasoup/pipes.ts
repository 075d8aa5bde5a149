import { TandemError } from '@tandem/actors/errors';
import type { PipeEnd, PipeOptions, PipeRequest } from '../plane/index.ts';
import { isSameEnd, pipeFormat } from '../plane/index.ts';
import type { RtpMediaPlane } from '../worker/index.ts';
import { Pipe } from './pipe.ts';
import type { Rooms } from './rooms.ts';

/** The ends of pipes by their sessions' ids, each joined with a session of our own code. */
export class Pipes {
  readonly #sessions: RtpMediaPlane;
  readonly #rooms: Rooms;
  readonly #options: PipeOptions;
  readonly #open = new Map<string, Pipe>();
  readonly #opening = new Map<string, Promise<PipeEnd>>();
  #closed = false;

  constructor(sessions: RtpMediaPlane, rooms: Rooms, options: PipeOptions) {
    this.#sessions = sessions;
    this.#rooms = rooms;
    this.#options = options;
  }

  get(id: string): Pipe | undefined {
    return this.#open.get(id);
  }

  /** @throws media.no-worker, media.no-ports, media.relay-lost, media.closed */
  open(request: PipeRequest): Promise<PipeEnd> {
    const known = this.#open.get(request.id);
    if (known !== undefined) return Promise.resolve(known.end);
    const underway = this.#opening.get(request.id) ?? this.#openNew(request);
    this.#opening.set(request.id, underway);
    return underway;
  }

  /** @throws media.unknown-session, media.bad-pipe-end */
  async connect(id: string, remote: PipeEnd): Promise<void> {
    const pipe = this.#open.get(id);
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
      codec,
      payloadType,
      dtmfPayloadType,
      address: '127.0.0.1',
      port,
      rtcpPort: port,
      direction: 'sendrecv',
      ptime: 20,
      // Only the worker beside us is heard, and it says nothing before the other end does.
      latch: 'never',
      networks: ['127.0.0.1/32'],
    });
  }

  /** Resolves when a pipe is no longer being opened. */
  async settled(id: string): Promise<void> {
    await this.#opening.get(id)?.catch(() => {});
  }

  /** Gives a pipe's port back; its session is another's to release. */
  release(id: string): void {
    this.#open.get(id)?.close();
    this.#open.delete(id);
  }

  /** Gives up the pipes whose process has ended. @returns their sessions */
  lose(): string[] {
    const lost = [...this.#open].filter(([, pipe]) => pipe.lost).map(([id]) => id);
    for (const id of lost) this.release(id);
    return lost;
  }

  /** Lets none be opened any more. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#opening.values());
  }

  async #openNew({ id, codec, silenceLimit = 0, room: name }: PipeRequest): Promise<PipeEnd> {
    const format = pipeFormat(codec);
    try {
      const room = await this.#rooms.enter(format, name);
      const pipe = await Pipe.open(room, format, this.#options).catch((error) => {
        room.leave();
        throw this.#explained(error);
      });
      try {
        const { port } = await this.#sessions.allocate({ id, silenceLimit, loopback: { ssrc: pipe.ssrc } });
        await pipe.connectInside(port);
        if (this.#closed) throw new TandemError('media.closed', {});
      } catch (error) {
        pipe.close();
        await this.#sessions.release(id);
        throw error;
      }
      this.#open.set(id, pipe);
      return pipe.end;
    } finally {
      this.#opening.delete(id);
    }
  }

  #explained(error: unknown): TandemError {
    const { ports, bindAddress: address } = this.#options;
    return isPortShortage(error)
      ? new TandemError('media.no-ports', { ...ports, address })
      : new TandemError('media.relay-lost', { detail: String(error) });
  }
}

/** mediasoup has no code for it, only words. */
const isPortShortage = (error: unknown): boolean => /no more available ports/.test(String(error));
