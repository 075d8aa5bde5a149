import type { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

/** What the worker is asked: to carry what is in the log of a database, a file URL, into the database itself. */
export interface CheckpointRequest {
  readonly id: number;
  readonly url: string;
}

export interface CheckpointAnswer {
  readonly id: number;
  readonly pages: { readonly log: number; readonly done: number } | undefined;
}

/** Keeps the write-ahead log of one database short. */
export interface WalCheckpoints {
  /** Something was committed. */
  committed(): void;
  close(): void;
}

/** Milliseconds between two checkpoints of a database that is written all the time. */
const EVERY = 2000;
/** Pages in a log from which on the last few are carried over here, so that it can start from its beginning. */
const LONG = 8000;

/**
 * SQLite makes checkpoints within COMMIT, with two syncs, and whoever commits waits: tens to hundreds of
 * milliseconds on a busy disk. Here another thread makes them. While it works the log may get longer, and SQLite
 * starts a log anew only when all of it has been carried over; so, of a long one, what came meanwhile is carried
 * over in place, which is little.
 */
export function openWalCheckpoints(
  database: DatabaseSync,
  file: string,
  { every, long } = { every: EVERY, long: LONG },
): WalCheckpoints {
  if (file === ':memory:') return { committed: () => {}, close: () => {} };
  database.exec('PRAGMA wal_autocheckpoint = 0');
  // Never makes a file that is gone.
  const url = `${pathToFileURL(file).href}?mode=rw`;
  const worker = shareWorker();
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const checkpoint = async (): Promise<void> => {
    const pages = await worker.checkpoint(url);
    if (closed) return;
    timer = undefined;
    // No answer means that there is no thread to do it.
    if (pages !== undefined && pages.log <= long) return;
    try {
      if (database.isOpen && !database.isTransaction) database.exec('PRAGMA wal_checkpoint(PASSIVE)');
    } catch {
      // The log stays as it is until the next time; what is wrong with the disk, the next commit says.
    }
  };

  return {
    committed() {
      timer ??= setTimeout(() => void checkpoint(), every).unref();
    },
    close() {
      if (closed) return;
      closed = true;
      clearTimeout(timer);
      worker.release();
    },
  };
}

interface SharedWorker {
  checkpoint(url: string): Promise<CheckpointAnswer['pages']>;
  release(): void;
}

let users = 0;
let thread: Worker | undefined;
let lastId = 0;
const asked = new Map<number, (pages: CheckpointAnswer['pages']) => void>();

/** One thread serves all databases of a process, from the first checkpoint until the last of them is closed. */
function shareWorker(): SharedWorker {
  users++;
  return {
    checkpoint(url) {
      thread ??= startThread();
      const id = ++lastId;
      const answered = new Promise<CheckpointAnswer['pages']>((resolve) => asked.set(id, resolve));
      thread.postMessage({ id, url } satisfies CheckpointRequest);
      return answered;
    },
    release() {
      users--;
      if (users > 0) return;
      void thread?.terminate();
      thread = undefined;
      giveUp();
    },
  };
}

function startThread(): Worker {
  const started = new Worker(new URL('./wal-checkpoint-worker.ts', import.meta.url), { name: 'checkpoints' });
  started.unref();
  started.on('message', ({ id, pages }: CheckpointAnswer) => {
    asked.get(id)?.(pages);
    asked.delete(id);
  });
  started.on('error', () => {
    // The next checkpoint starts another.
    if (thread === started) thread = undefined;
    giveUp();
  });
  return started;
}

function giveUp(): void {
  for (const resolve of asked.values()) resolve(undefined);
  asked.clear();
}
