import { setImmediate } from 'node:timers';
import { TandemError } from '../errors/tandem-error.ts';

export interface Transaction {
  begin(): void;
  commit(): void;
  /** Resolves when what was committed so far is on disk. */
  sync(): Promise<void>;
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
  /** Called when a commit is on disk, as its callers are answered. */
  readonly committed: () => void;
}

interface Work {
  readonly weight: number;
  readonly run: () => unknown;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
  /** What `run` gave, or what it threw. */
  value: unknown;
  error: unknown;
}

export interface GroupCommit {
  /** Does work in the next transaction and resolves once that is durable. */
  run<T>(weight: number, work: () => T): Promise<T>;
  /** Resolves when nothing waits any more. */
  drain(): Promise<void>;
}

/**
 * Commits the work that many callers bring together, since an fsync costs far more than the writing: what comes
 * in one turn of the event loop, or while the disk is busy with the commit before, is one transaction. The disk
 * is waited for off the main thread. Work that throws a TandemError must have written nothing; it fails alone.
 * Any other error fails everything in its transaction. When the disk does not take what was committed, nothing
 * that follows can be trusted to be there: all work fails from then on.
 */
export const createGroupCommit = (options: GroupCommitOptions): GroupCommit => {
  const { transaction } = options;
  let waiting: Work[] = [];
  let waitingWeight = 0;
  let busy = false;
  let broken: Error | undefined;
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

  const commit = (batch: readonly Work[]): boolean => {
    try {
      transaction.begin();
      for (const work of batch) attempt(work);
      transaction.commit();
      return true;
    } catch (error) {
      transaction.rollback();
      failAll(batch, options.failed(error));
      return false;
    }
  };

  const failAll = (batch: readonly Work[], failure: Error): void => {
    for (const work of batch) work.error = failure;
  };

  const sync = async (batch: readonly Work[]): Promise<void> => {
    try {
      await transaction.sync();
    } catch (error) {
      broken = options.failed(error);
      failAll(batch, broken);
    }
  };

  const answer = (batch: readonly Work[]): void => {
    for (const work of batch) {
      if (work.error === undefined) work.resolve(work.value as never);
      else work.reject(work.error);
    }
  };

  const flush = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = takeBatch();
      if (broken) failAll(batch, broken);
      else if (commit(batch)) {
        await sync(batch);
        if (!broken) options.committed();
      }
      answer(batch);
    }
    busy = false;
    for (const resolve of drained) resolve();
    drained = [];
  };

  const schedule = (): void => {
    if (busy) return;
    busy = true;
    setImmediate(() => void flush());
  };

  return {
    run: (weight, work) =>
      new Promise((resolve, reject) => {
        if (waitingWeight + weight > options.maxWaiting && waiting.length > 0) {
          return reject(options.overloaded());
        }
        waiting.push({ weight, run: work, resolve, reject, value: undefined, error: undefined });
        waitingWeight += weight;
        schedule();
      }),
    drain: () =>
      new Promise((resolve) => {
        if (busy) drained.push(resolve);
        else resolve();
      }),
  };
};
