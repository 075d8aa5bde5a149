import { setImmediate } from 'node:timers';
import { TandemError } from '../errors/tandem-error.ts';

export interface Transaction {
  begin(): void;
  commit(): void;
  /** Undoes what was written since `begin`, which may itself have failed. Does not throw. */
  rollback(): void;
}

export interface GroupCommitOptions {
  readonly transaction: Transaction;
  /** Most weight (events) in one transaction, but always at least one piece of work. */
  readonly maxBatch: number;
  /** Most weight that may wait. */
  readonly maxWaiting: number;
  /** The error for work that could not wait. */
  readonly overloaded: () => Error;
  /** The error for all work of a transaction that failed. */
  readonly failed: (error: unknown) => Error;
  /** Called after each commit, once its callers were answered. */
  readonly committed: () => void;
}

interface Work {
  readonly weight: number;
  readonly run: () => unknown;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
  /** What `run` gave, or what it threw. */
  value?: unknown;
  error?: unknown;
}

export interface GroupCommit {
  /** Does work in the next transaction and resolves once that is durable. */
  run<T>(weight: number, work: () => T): Promise<T>;
  /** Resolves when nothing waits any more. */
  drain(): Promise<void>;
}

/**
 * Commits the work that many callers bring in one turn of the event loop together, since an fsync costs far
 * more than the writing. Work that throws a TandemError must have written nothing; it fails alone. Any other
 * error fails everything in its transaction.
 */
export const createGroupCommit = (options: GroupCommitOptions): GroupCommit => {
  const { transaction } = options;
  let waiting: Work[] = [];
  let waitingWeight = 0;
  let scheduled = false;
  let drained: (() => void)[] = [];

  const takeBatch = (): Work[] => {
    let weight = 0;
    let count = 0;
    for (const work of waiting) {
      if (count > 0 && weight + work.weight > options.maxBatch) break;
      weight += work.weight;
      count += 1;
    }
    const batch = waiting.slice(0, count);
    waiting = waiting.slice(count);
    waitingWeight -= weight;
    return batch;
  };

  const attempt = (work: Work): void => {
    try {
      work.value = work.run();
    } catch (error) {
      if (!(error instanceof TandemError)) throw error;
      work.error = error;
    }
  };

  const commitBatch = (batch: readonly Work[]): void => {
    try {
      transaction.begin();
      for (const work of batch) attempt(work);
      transaction.commit();
    } catch (error) {
      transaction.rollback();
      const failure = options.failed(error);
      for (const work of batch) work.error = failure;
    }
    for (const work of batch) {
      if (work.error === undefined) work.resolve(work.value as never);
      else work.reject(work.error);
    }
    options.committed();
  };

  const flush = (): void => {
    scheduled = false;
    commitBatch(takeBatch());
    if (waiting.length > 0) {
      schedule();
      return;
    }
    for (const resolve of drained) resolve();
    drained = [];
  };

  const schedule = (): void => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(flush);
  };

  return {
    run: (weight, work) =>
      new Promise((resolve, reject) => {
        if (waitingWeight + weight > options.maxWaiting && waiting.length > 0) {
          return reject(options.overloaded());
        }
        waiting.push({ weight, run: work, resolve, reject });
        waitingWeight += weight;
        schedule();
      }),
    drain: () =>
      new Promise((resolve) => {
        if (scheduled) drained.push(resolve);
        else resolve();
      }),
  };
};
