import { Worker } from 'node:worker_threads';
import type { ErrorParams } from '@tandem/actors/errors/registry.ts';
import { TandemError } from '@tandem/actors/errors/tandem-error.ts';
import type { AudioJob, AudioJobResult } from './audio-jobs.ts';

export interface AudioWorkerOptions {
  /** Milliseconds after which a job is given up and its thread ended. */
  readonly timeLimit?: number;
  /** Jobs that may wait; more are refused. */
  readonly queueLimit?: number;
}

interface Pending {
  readonly job: AudioJob;
  readonly resolve: (samples: Int16Array) => void;
  readonly reject: (error: Error) => void;
}

/**
 * One thread that does audio jobs in turn. It is started with the first job and does not keep the process alive
 * while idle; when a job breaks it, that job fails and the next one gets a new thread.
 */
export class AudioWorker {
  readonly #timeLimit: number;
  readonly #queueLimit: number;
  readonly #waiting: Pending[] = [];
  #thread: Worker | undefined;
  #running: Pending | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #closed = false;

  constructor({ timeLimit = 60_000, queueLimit = 256 }: AudioWorkerOptions = {}) {
    this.#timeLimit = timeLimit;
    this.#queueLimit = queueLimit;
  }

  /** @throws media.closed, media.audio-overloaded, media.audio-failed, and what the job throws */
  run(job: AudioJob): Promise<Int16Array> {
    if (this.#closed) return Promise.reject(new TandemError('media.closed', {}));
    if (this.#waiting.length >= this.#queueLimit) {
      return Promise.reject(new TandemError('media.audio-overloaded', { waiting: this.#queueLimit }));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ job, resolve, reject });
      this.#next();
    });
  }

  /** Ends the thread; jobs that are not done fail with media.closed. */
  async close(): Promise<void> {
    this.#closed = true;
    const thread = this.#thread;
    this.#drop();
    for (const { reject } of [this.#take(), ...this.#waiting.splice(0)].filter((job) => job !== undefined)) {
      reject(new TandemError('media.closed', {}));
    }
    await thread?.terminate();
  }

  #next(): void {
    if (this.#running) return;
    const next = this.#waiting.shift();
    if (!next) {
      this.#thread?.unref();
      return;
    }
    this.#running = next;
    this.#thread ??= this.#start();
    this.#thread.ref();
    this.#thread.postMessage(next.job);
    this.#deadline = setTimeout(
      () => this.#broke(`it took longer than ${this.#timeLimit} ms`),
      this.#timeLimit,
    );
  }

  #start(): Worker {
    // The MP3 decoder writes a line for every frame that it cannot read; what a file is like is no news for the log.
    const thread = new Worker(new URL('./audio-thread.ts', import.meta.url), { stderr: true });
    thread.stderr.resume();
    thread.on('message', (result: AudioJobResult) => {
      if (thread !== this.#thread) return;
      this.#settle(result);
    });
    thread.on('error', (error) => {
      if (thread === this.#thread) this.#broke(error.message);
    });
    thread.on('exit', (code) => {
      if (thread === this.#thread) this.#broke(`its thread ended with ${code}`);
    });
    return thread;
  }

  #settle(result: AudioJobResult): void {
    const done = this.#take();
    if ('samples' in result) done?.resolve(result.samples);
    else if ('code' in result) {
      done?.reject(new TandemError(result.code, result.params as ErrorParams<typeof result.code>));
    } else done?.reject(new TandemError('media.audio-failed', { detail: result.detail }));
    this.#next();
  }

  #broke(detail: string): void {
    const thread = this.#thread;
    this.#drop();
    void thread?.terminate();
    this.#take()?.reject(new TandemError('media.audio-failed', { detail }));
    this.#next();
  }

  /** Forgets the thread: what it still says is not heard. */
  #drop(): void {
    this.#thread = undefined;
  }

  /** The job that runs, which then runs no more. */
  #take(): Pending | undefined {
    clearTimeout(this.#deadline);
    const running = this.#running;
    this.#running = undefined;
    return running;
  }
}
