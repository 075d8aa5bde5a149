import { type Transferable, Worker } from 'node:worker_threads';
import { TandemError } from '@tandem/actors/errors';
import type {
  WorkerAnswer,
  WorkerCommand,
  WorkerEvent,
  WorkerOptions,
  WorkerReport,
} from '../session/index.ts';
import { gatheredPosts } from './gathered-posts.ts';

type Request = Extract<WorkerCommand, { request: number }>;
type Unnumbered<R> = R extends Request ? Omit<R, 'request'> : never;

/**
 * Mebibytes for what a thread has just made. V8 would let it have up to 192: it doubles the room whenever about as much
 * was made that lasts, which sessions are; but what packets leave behind is gone at once, in however little room.
 */
const YOUNG_GENERATION = 16;

export interface WorkerListener {
  event(event: WorkerEvent): void;
  /** The thread ended though nobody told it to; all requests have failed with the same error. */
  lost(error: TandemError): void;
}

/** The main thread's end of one worker thread. */
export class WorkerHandle {
  readonly index: number;
  /** How many sessions its owner has in it. */
  sessions = 0;
  readonly #worker: Worker;
  readonly #post: (command: WorkerCommand, transfer?: readonly Transferable[]) => void;
  readonly #pending = new Map<number, PromiseWithResolvers<WorkerAnswer>>();
  readonly #exited: Promise<void>;
  #requests = 0;
  #ended: TandemError | undefined;

  constructor(index: number, options: WorkerOptions, listener: WorkerListener) {
    this.index = index;
    this.#worker = new Worker(new URL('./media-worker.ts', import.meta.url), {
      workerData: options,
      name: `media-${index}`,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION },
    });
    this.#post = gatheredPosts((commands, transfer) => {
      if (this.#ended === undefined) this.#worker.postMessage(commands, transfer);
    });
    this.#worker.on('message', (reports: readonly WorkerReport[]) => {
      for (const report of reports) this.#hear(report, listener);
    });
    let detail = 'no error was given';
    this.#worker.on('error', (error) => {
      detail = String(error);
    });
    this.#exited = new Promise((resolve) => {
      this.#worker.on('exit', () => {
        resolve();
        if (this.#ended !== undefined) return;
        const error = new TandemError('media.worker-lost', { detail });
        this.#end(error);
        listener.lost(error);
      });
    });
  }

  tell(command: Exclude<WorkerCommand, Request>, transfer: readonly Transferable[] = []): void {
    if (this.#ended === undefined) this.#post(command, transfer);
  }

  /** @throws media.closed, media.worker-lost */
  ask(command: Unnumbered<Request>): Promise<WorkerAnswer> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    this.#requests += 1;
    const pending = Promise.withResolvers<WorkerAnswer>();
    this.#pending.set(this.#requests, pending);
    this.#post({ ...command, request: this.#requests });
    return pending.promise;
  }

  /** Lets the thread release its sessions, then ends it. */
  async close(): Promise<void> {
    if (this.#ended === undefined) await this.ask({ op: 'close' }).catch(() => {});
    this.#end(new TandemError('media.closed', {}));
    await this.#worker.terminate();
    await this.#exited;
  }

  #hear(report: WorkerReport, listener: WorkerListener): void {
    if ('event' in report) listener.event(report);
    else {
      this.#pending.get(report.request)?.resolve(report.answer);
      this.#pending.delete(report.request);
    }
  }

  #end(error: TandemError): void {
    this.#ended ??= error;
    for (const pending of this.#pending.values()) pending.reject(error);
    this.#pending.clear();
  }
}
