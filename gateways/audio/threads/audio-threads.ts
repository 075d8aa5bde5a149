import { Worker } from 'node:worker_threads';
import type { ErrorParams } from '@tandem/actors/errors';
import { TandemError } from '@tandem/actors/errors';
import type { AudioCommand, AudioJob, AudioJobResult, DecodeJob } from './audio-jobs.ts';
import { type Asker, FairQueue, NOBODY, type QueueLimits, type Turn } from './fair-queue.ts';

export interface AudioThreadsOptions {
  /** Threads at the most; each is started when there is first work for it. 2 unless given. */
  readonly threads?: number;
  /** Milliseconds after which a job is given up and its thread ended. */
  readonly timeLimit?: number;
  /** Jobs that may wait; more are refused. */
  readonly limits?: QueueLimits;
}

/** For whom a job is done, and until when. */
export interface AudioJobOptions {
  readonly asker?: Asker;
  /** Takes the job back: one that waits is dropped, and of a file that is being decoded the next slice is the last. */
  readonly signal?: AbortSignal;
  /** Whether somebody waits to hear it: nothing of the play was made before. Yes unless given. */
  readonly isFirst?: boolean;
}

interface Pending {
  readonly job: AudioJob;
  readonly isFirst: boolean;
  /** The thread that must do it. */
  readonly thread?: AudioThread;
  readonly resolve: (done: Done) => void;
  readonly reject: (error: unknown) => void;
}

interface Done {
  readonly samples: Int16Array;
  readonly ended: boolean;
  readonly thread: AudioThread;
}

/** Far more than there are legs, each of which has one job waiting at a time. */
const LIMITS: QueueLimits = { inAll: 4096, perAccount: 1024 };

/**
 * Threads that speak, decode and convert sound, shared out fairly among accounts and their legs. No job takes long, so
 * nobody waits for more than those that are being done; and where there are several threads one of them only begins what
 * somebody waits to hear, since all else is made ahead. They do not keep the process alive while idle; when a job breaks
 * its thread, that job fails and the next one gets a new thread.
 */
export class AudioThreads {
  readonly #timeLimit: number;
  readonly #queue: FairQueue<Pending>;
  readonly #threads: (AudioThread | undefined)[];
  #decoders = 0;
  #closed = false;

  constructor({ threads = 2, timeLimit = 60_000, limits = LIMITS }: AudioThreadsOptions = {}) {
    this.#timeLimit = timeLimit;
    this.#queue = new FairQueue(limits);
    this.#threads = Array.from({ length: threads }, () => undefined);
  }

  /** Jobs that wait. */
  get waiting(): number {
    return this.#queue.waiting;
  }

  /** @throws media.closed, media.audio-overloaded, media.audio-failed, the signal's reason, and what the job throws */
  async run(job: AudioJob, options: AudioJobOptions = {}): Promise<Int16Array> {
    return (await this.#do(job, options)).samples;
  }

  /** Decodes a file slice by slice, each when it is asked for. @throws as `run`, and as `decodeSlices` */
  async *decode(job: DecodeJob, options: AudioJobOptions = {}): AsyncGenerator<Int16Array, void> {
    this.#decoders += 1;
    const id = this.#decoders;
    let done: Done | undefined;
    try {
      done = await this.#do({ kind: 'decode', id, ...job }, options);
      while (!done.ended) {
        yield done.samples;
        done = await this.#do({ kind: 'decode-on', id }, { ...options, isFirst: false }, done.thread);
      }
    } finally {
      if (done?.ended === false) done.thread.tell({ kind: 'forget', id });
    }
  }

  /** Ends the threads; jobs that are not done fail with media.closed. */
  async close(): Promise<void> {
    this.#closed = true;
    const closed = new TandemError('media.closed', {});
    for (let turn = this.#queue.take(); turn !== undefined; turn = this.#queue.take()) {
      this.#queue.settle(turn, 0);
      turn.work.reject(closed);
    }
    await Promise.all(this.#threads.map((thread) => thread?.end(closed)));
  }

  #do(
    job: AudioJob,
    { asker = NOBODY, signal, isFirst = true }: AudioJobOptions,
    thread?: AudioThread,
  ): Promise<Done> {
    if (this.#closed) return Promise.reject(new TandemError('media.closed', {}));
    if (signal?.aborted) return Promise.reject(signal.reason);
    const { promise, resolve, reject } = Promise.withResolvers<Done>();
    const pending: Pending = { job, isFirst, thread, resolve, reject };
    try {
      this.#queue.add(asker, pending);
    } catch (error) {
      return Promise.reject(error);
    }
    const takeBack = (): void => {
      if (this.#queue.remove(asker, pending)) reject(signal!.reason);
    };
    signal?.addEventListener('abort', takeBack);
    this.#next();
    return promise.finally(() => signal?.removeEventListener('abort', takeBack));
  }

  /** Gives every thread that is free something to do. */
  #next(): void {
    for (const [index, thread] of this.#threads.entries()) {
      if (thread?.busy) continue;
      const turn = this.#queue.take((pending) => this.#fits(pending, index));
      if (turn !== undefined) this.#give(turn, thread ?? this.#start(index));
    }
  }

  /** What began in a thread that is gone goes to any, which says that it does not know it. */
  #fits({ thread, isFirst }: Pending, index: number): boolean {
    if (thread !== undefined && this.#threads.includes(thread)) return thread === this.#threads[index];
    return isFirst || index < Math.max(1, this.#threads.length - 1);
  }

  #start(index: number): AudioThread {
    const thread = new AudioThread(() => {
      if (this.#threads[index] === thread) this.#threads[index] = undefined;
    });
    this.#threads[index] = thread;
    return thread;
  }

  #give(turn: Turn<Pending>, thread: AudioThread): void {
    const { job, resolve, reject } = turn.work;
    const began = performance.now();
    thread
      .perform(job, this.#timeLimit)
      .then(({ samples, ended }) => resolve({ samples, ended, thread }), reject)
      .finally(() => {
        this.#queue.settle(turn, performance.now() - began);
        if (!this.#closed) this.#next();
      });
  }
}

/** One thread, which does one job at a time. */
class AudioThread {
  readonly #worker: Worker;
  readonly #onLost: () => void;
  #running: PromiseWithResolvers<{ samples: Int16Array; ended: boolean }> | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(onLost: () => void) {
    this.#onLost = onLost;
    // The MP3 decoder writes a line for every frame that it cannot read; what a file is like is no news for the log.
    this.#worker = new Worker(new URL('./audio-thread.ts', import.meta.url), { stderr: true });
    this.#worker.stderr.resume();
    this.#worker.on('message', (result: AudioJobResult) => this.#settle(result));
    this.#worker.on('error', (error) => this.#broke(error.message));
    this.#worker.on('exit', (code) => this.#broke(`its thread ended with ${code}`));
  }

  get busy(): boolean {
    return this.#running !== undefined;
  }

  /** @param timeLimit milliseconds */
  perform(job: AudioJob, timeLimit: number): Promise<{ samples: Int16Array; ended: boolean }> {
    this.#running = Promise.withResolvers();
    this.#worker.ref();
    this.#worker.postMessage(job);
    this.#deadline = setTimeout(() => this.#broke(`it took longer than ${timeLimit} ms`), timeLimit);
    return this.#running.promise;
  }

  tell(command: AudioCommand): void {
    if (!this.#ended) this.#worker.postMessage(command);
  }

  /** What it does fails with the error. */
  async end(error: Error): Promise<void> {
    this.#ended = true;
    this.#take()?.reject(error);
    await this.#worker.terminate();
  }

  #settle(result: AudioJobResult): void {
    if (this.#ended) return;
    const done = this.#take();
    this.#worker.unref();
    if ('samples' in result) done?.resolve(result);
    else if ('code' in result) {
      done?.reject(new TandemError(result.code, result.params as ErrorParams<typeof result.code>));
    } else done?.reject(new TandemError('media.audio-failed', { detail: result.detail }));
  }

  #broke(detail: string): void {
    if (this.#ended) return;
    this.#onLost();
    void this.end(new TandemError('media.audio-failed', { detail }));
  }

  /** The job that runs, which then runs no more. */
  #take(): PromiseWithResolvers<{ samples: Int16Array; ended: boolean }> | undefined {
    clearTimeout(this.#deadline);
    const running = this.#running;
    this.#running = undefined;
    return running;
  }
}
