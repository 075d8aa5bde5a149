import { clearTimeout, setImmediate, setTimeout } from 'node:timers';
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
  /** Milliseconds for which patient work waits for other work to be committed with. */
  readonly patience: number;
}

export interface WorkOptions {
  /** Nobody waits for it: it may be committed with what comes within a moment. */
  readonly patient?: boolean;
  /** Promises of `run`: when one of these fails it is not done, and fails with `store.not-preceded`. */
  readonly after?: readonly Promise<unknown>[];
}

interface Work {
  readonly weight: number;
  readonly run: () => unknown;
  readonly patient: boolean;
  /** What has to be done before it; nothing is what this group was never given. */
  readonly before: readonly (Work | undefined)[];
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
  /** What `run` gave, or what it threw. */
  value: unknown;
  error: unknown;
}

export interface GroupCommit {
  /** Does work in the next transaction and resolves once that is durable. */
  run<T>(weight: number, work: () => T, options?: WorkOptions): Promise<T>;
  /** Resolves when nothing waits any more. */
  drain(): Promise<void>;
}

/**
 * Commits the work that many callers bring together, since an fsync costs far more than the writing: what comes
 * in one turn of the event loop, or while the disk is busy with the commit before, is one transaction. The disk
 * is waited for off the main thread. Work that nobody waits for is committed with other work that is, or after a moment.
 * Work that throws a TandemError must have written nothing; it fails alone.
 * Any other error fails everything in its transaction. When the disk does not take what was committed, nothing
 * that follows can be trusted to be there: all work fails from then on.
 */
export const createGroupCommit = (options: GroupCommitOptions): GroupCommit => {
  const { transaction } = options;
  const works = new WeakMap<Promise<unknown>, Work>();
  let waiting: Work[] = [];
  let waitingWeight = 0;
  /** Of what waits, so much that is not patient. */
  let urgent = 0;
  let patience: NodeJS.Timeout | undefined;
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
      if (!work.patient) urgent -= 1;
    }
    const batch = waiting.slice(0, count);
    waiting = waiting.slice(count);
    waitingWeight -= weight;
    return batch;
  };

  const attempt = (work: Work): void => {
    if (work.before.some((one) => one === undefined || one.error !== undefined)) {
      work.error = new TandemError('store.not-preceded', {});
      return;
    }
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
    do {
      const batch = takeBatch();
      if (broken) failAll(batch, broken);
      else if (commit(batch)) {
        await sync(batch);
        if (!broken) options.committed();
      }
      answer(batch);
    } while (urgent > 0 || (drained.length > 0 && waiting.length > 0));
    busy = false;
    if (waiting.length > 0) wait();
    for (const resolve of drained) resolve();
    drained = [];
  };

  const schedule = (): void => {
    clearTimeout(patience);
    patience = undefined;
    if (busy) return;
    busy = true;
    setImmediate(() => void flush());
  };

  /** For other work to come. */
  const wait = (): void => {
    if (!busy) patience ??= setTimeout(schedule, options.patience);
  };

  return {
    run: (weight, run, { patient = false, after = [] } = {}) => {
      const { promise, resolve, reject } = Promise.withResolvers<never>();
      const before = after.map((one) => works.get(one));
      const work: Work = {
        weight,
        run,
        patient,
        before,
        resolve,
        reject,
        value: undefined,
        error: undefined,
      };
      works.set(promise, work);
      if (waitingWeight + weight > options.maxWaiting && waiting.length > 0) {
        work.error = options.overloaded();
        reject(work.error);
        return promise;
      }
      waiting.push(work);
      waitingWeight += weight;
      if (!patient) urgent += 1;
      if (patient && waitingWeight < options.maxBatch) wait();
      else schedule();
      return promise;
    },
    drain: () =>
      new Promise((resolve) => {
        if (!busy && waiting.length === 0) return resolve();
        drained.push(resolve);
        schedule();
      }),
  };
};
