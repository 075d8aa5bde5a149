import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { ErrorCode } from '@tandem/actors/errors';
import { TandemError } from '@tandem/actors/errors';
import { ReadQueue } from './fair-queue.ts';
import type { ReadRequest } from './read-request.ts';

/** Reads what the API shows of calls, on threads of its own: nobody's call waits for it. */
export interface Reads {
  /**
   * What an account asks for, as JSON text.
   *
   * @throws api.busy, api.too-slow, and what the request itself does
   */
  ask(accountSid: string, request: ReadRequest): Promise<Uint8Array>;
  close(): Promise<void>;
}

export interface ReadsOptions {
  /** The database of the read model of calls. */
  readonly file: string;
  /** The URL of the event store. */
  readonly store: string;
  /** Milliseconds after which a search ends; the default is 5,000. */
  readonly limit?: number;
  /** The thread's program. */
  readonly program?: URL;
}

/** What a thread is started with, and what it is asked. */
export type ReadsData = Pick<Required<ReadsOptions>, 'file' | 'store' | 'limit'>;

export interface ReadsQuestion {
  readonly accountSid: string;
  readonly request: ReadRequest;
}

export type ReadsAnswer =
  | { readonly json: Uint8Array }
  | { readonly code: ErrorCode; readonly params: unknown }
  | { readonly failure: string };

/** Requests at once: more than one, so that a slow one has others beside it. */
const THREADS = 2;
/** Requests of one account that may wait. */
const MOST_WAITING = 20;
const LIMIT = 5_000;
/** Milliseconds beyond the limit after which a thread that has not ended its search itself is ended. */
const GRACE = 2_000;
/** MiB of a thread's memory: a history is read whole to be put in order. */
const MEMORY = 512;

/** Threads are started when they are needed, and again after one was ended. */
export function openReads(options: ReadsOptions): Reads {
  const { file, store, limit = LIMIT, program = new URL('./reads-thread.ts', import.meta.url) } = options;
  const data: ReadsData = { file, store, limit };
  const idle: Worker[] = [];
  const all = new Set<Worker>();
  let closed = false;
  const queue = new ReadQueue({
    atOnce: THREADS,
    mostWaiting: MOST_WAITING,
    full: () => new TandemError('api.busy', { limit: MOST_WAITING }),
  });

  const start = (): Worker => {
    const worker = new Worker(fileURLToPath(program), {
      name: 'reads',
      workerData: data,
      resourceLimits: { maxOldGenerationSizeMb: MEMORY },
    });
    worker.unref();
    all.add(worker);
    worker.once('exit', () => {
      all.delete(worker);
      const at = idle.indexOf(worker);
      if (at >= 0) idle.splice(at, 1);
    });
    // Said by the request that it fails; between two requests nobody needs to know.
    worker.on('error', () => {});
    return worker;
  };

  const ask = async (question: ReadsQuestion): Promise<Uint8Array> => {
    if (closed) throw new TandemError('store.closed', { store: 'read' });
    const worker = idle.pop() ?? start();
    const { promise, resolve, reject } = Promise.withResolvers<ReadsAnswer>();
    const ended = (): void => reject(new TandemError('api.too-slow', { seconds: limit / 1000 }));
    const timer = setTimeout(() => void worker.terminate(), limit + GRACE);
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', ended);
    try {
      worker.postMessage(question);
      const answer = await promise;
      if (all.has(worker)) idle.push(worker);
      return read(answer);
    } finally {
      clearTimeout(timer);
      worker.off('message', resolve);
      worker.off('error', reject);
      worker.off('exit', ended);
    }
  };

  return {
    ask: (accountSid, request) => queue.run(accountSid, () => ask({ accountSid, request })),
    async close() {
      closed = true;
      await Promise.all([...all].map((worker) => worker.terminate()));
    },
  };
}

function read(answer: ReadsAnswer): Uint8Array {
  if ('json' in answer) return answer.json;
  if ('failure' in answer) throw new Error(answer.failure);
  throw new TandemError(answer.code, answer.params as never);
}
