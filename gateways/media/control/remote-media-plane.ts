import { EventEmitter } from 'node:events';
import { fromRecorded, TandemError } from '@tandem/actors/errors';
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
} from '../plane/index.ts';
import type { MediaStats } from '../rtp/index.ts';
import { type ControlLinkOptions, openControlLink } from './control-link.ts';
import {
  type AnswerMessage,
  controlLimits,
  type EventMessage,
  type OperationMessage,
} from './control-method.ts';
import { answered, ask, eventOf } from './operations.ts';

export interface RemoteMediaPlaneOptions
  extends Omit<ControlLinkOptions, 'unanswered' | 'heard' | 'welcomed' | 'answered' | 'happened'> {
  /** The media part is another process than before: what it had is gone. */
  readonly onReplaced: (error: TandemError) => void;
  /** Called with what went wrong with an operation that nobody waits for. */
  readonly onFault?: (error: TandemError) => void;
  /** Milliseconds that an operation waits for its answer. Default 10000. */
  readonly patience?: number;
}

interface Pending {
  readonly operation: OperationMessage;
  readonly resolve: (answer: AnswerMessage) => void;
  readonly reject: (error: TandemError) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * A media plane that another process has, the media part of this gateway (requirement G2). While their stream is broken
 * operations wait, and are carried out once, in their order, when it is back.
 */
export class RemoteMediaPlane implements MediaPlane {
  readonly #options: RemoteMediaPlaneOptions;
  readonly #events = new EventEmitter<MediaEvents>();
  readonly #pending = new Map<number, Pending>();
  readonly #link: ReturnType<typeof openControlLink>;
  readonly #first = Promise.withResolvers<void>();
  #number = 0;
  /** The number of the last event that came. */
  #heard = 0;
  /** The media process; `''` before the first welcome. */
  #node = '';
  #pipes = false;
  #closed = false;

  private constructor(options: RemoteMediaPlaneOptions) {
    this.#options = options;
    this.#link = openControlLink({
      ...options,
      unanswered: () => [...this.#pending.keys()],
      heard: () => this.#heard,
      welcomed: (welcome) =>
        this.#welcomed(welcome.node ?? '', welcome.received ?? 0, welcome.pipes ?? false),
      answered: (answer) => this.#answered(answer),
      happened: (event) => this.#happened(event),
    });
  }

  /** Resolves when the media part is there. @throws media.part-away, media.part-refused */
  static async open(options: RemoteMediaPlaneOptions): Promise<RemoteMediaPlane> {
    const plane = new RemoteMediaPlane(options);
    const { patience = controlLimits.patience } = options;
    const timer = setTimeout(() => plane.#first.reject(plane.#link.away()), patience);
    plane.#link.refused.catch((error) => plane.#first.reject(error));
    try {
      await plane.#first.promise;
      return plane;
    } catch (error) {
      await plane.close();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Whether there are pipes to other media planes. */
  get pipes(): boolean {
    return this.#pipes;
  }

  /** All sessions that are wanted of the process before have been allocated: the others are given back. */
  settle(): void {
    this.#tell(ask.settle());
  }

  async allocate(request: AllocateRequest): Promise<Allocation> {
    return (await this.#begin(request.id, ask.allocate(request))) as Allocation;
  }

  async openPipe(request: PipeRequest): Promise<PipeEnd> {
    return (await this.#begin(request.id, ask.openPipe(request))) as PipeEnd;
  }

  async connectPipe(id: string, remote: PipeEnd): Promise<void> {
    await this.#do(ask.connectPipe(id, remote));
  }

  async connect(id: string, remote: RemoteMedia): Promise<void> {
    await this.#do(ask.connect(id, remote));
  }

  play(id: string, request: PlayRequest): void {
    this.#do(ask.play(id, request)).catch((error: TandemError) => {
      const { playId } = request;
      this.#events.emit('played', id, {
        playId,
        outcome: 'failed',
        code: error.code,
        message: error.message,
      });
    });
  }

  stop(id: string, playId: string): void {
    this.#tell(ask.stop(id, playId));
  }

  sendDigits(id: string, digits: string): void {
    this.#tell(ask.sendDigits(id, digits));
  }

  bridge(a: string, b: string, { hears = true }: BridgeOptions = {}): void {
    this.#tell(ask.bridge(a, b, hears));
  }

  unbridge(id: string): void {
    this.#tell(ask.unbridge(id));
  }

  setSilenceLimit(id: string, limit: number): void {
    this.#tell(ask.limitSilence(id, limit));
  }

  async stats(id: string): Promise<MediaStats> {
    return (await this.#do(ask.readStats(id))) as MediaStats;
  }

  async release(id: string): Promise<void> {
    await this.#do(ask.release(id));
  }

  on<E extends keyof MediaEvents>(event: E, listener: (...args: MediaEvents[E]) => void): this {
    this.#events.on(event, listener as never);
    return this;
  }

  off<E extends keyof MediaEvents>(event: E, listener: (...args: MediaEvents[E]) => void): this {
    this.#events.off(event, listener as never);
    return this;
  }

  /** Ends the connection; the media part releases what nobody asks for again. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const number of [...this.#pending.keys()]) this.#fail(number, new TandemError('media.closed', {}));
    await this.#link.close();
  }

  /** What was begun too late for whoever asked is given back. */
  async #begin(id: string, operation: OperationMessage): Promise<unknown> {
    try {
      return await this.#do(operation);
    } catch (error) {
      if ((error as TandemError).code === 'media.part-away') this.#tell(ask.release(id));
      throw error;
    }
  }

  #tell(operation: OperationMessage): void {
    this.#do(operation).catch((error) => {
      if (!this.#closed) this.#options.onFault?.(error);
    });
  }

  async #do(operation: OperationMessage): Promise<unknown> {
    if (this.#closed) throw new TandemError('media.closed', {});
    if (this.#pending.size >= controlLimits.operations)
      throw new TandemError('media.part-busy', { limit: controlLimits.operations });
    const number = ++this.#number;
    const numbered = { ...operation, number };
    const { promise, resolve, reject } = Promise.withResolvers<AnswerMessage>();
    const { patience = controlLimits.patience } = this.#options;
    const timer = setTimeout(() => reject(this.#link.away()), patience);
    this.#pending.set(number, { operation: numbered, resolve, reject, timer });
    this.#link.send({ operation: numbered });
    try {
      const answer = await promise;
      if (answer.failure) {
        const { code, message } = answer.failure;
        throw fromRecorded({ code: code ?? '', message: message ?? '' });
      }
      return answered(answer, this.#bad);
    } finally {
      clearTimeout(timer);
    }
  }

  #answered(answer: AnswerMessage): void {
    const pending = this.#pending.get(answer.number ?? 0);
    this.#pending.delete(answer.number ?? 0);
    pending?.resolve(answer);
  }

  #fail(number: number, error: TandemError): void {
    const pending = this.#pending.get(number);
    this.#pending.delete(number);
    pending?.reject(error);
  }

  #happened(message: EventMessage): void {
    const number = message.number ?? 0;
    // It had come before the stream broke.
    if (number <= this.#heard) return;
    this.#heard = number;
    const [name, args] = eventOf(message, this.#bad);
    this.#events.emit(name, ...(args as never));
  }

  #welcomed(node: string, received: number, pipes: boolean): void {
    if (this.#node !== '' && node !== this.#node) {
      this.#options.onReplaced(new TandemError('media.part-replaced', { address: this.#options.address }));
      return;
    }
    this.#node = node;
    this.#pipes = pipes;
    for (const [number, { operation }] of this.#pending)
      if (number > received) this.#link.send({ operation });
    this.#first.resolve();
  }

  readonly #bad = (detail: string): never => {
    throw new TandemError('link.bad-message', { peer: `The media part at ${this.#options.address}`, detail });
  };
}
