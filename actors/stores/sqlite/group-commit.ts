import { clearTimeout, setImmediate, setTimeout } from 'node:timers';
import { TandemError } from '../../errors/index.ts';

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
  /** Whether a failed transaction leaves in doubt what the file holds; a failed sync always does. */
  readonly isBeyondTrust: (error: unknown) => boolean;
  /** Called once, when no more work will ever be done, before those who brought it are told. */
  readonly broke: (error: Error) => void;
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
  /** What has to be done before it. */
  readonly before: readonly Work[];
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
  promise: Promise<unknown> | undefined;
  /** What `run` gave, or what it threw. */
  value: unknown;
  error: unknown;
}

const NO_WORK: readonly Work[] = [];

export interface GroupCommit {
  /** Does work in the next transaction and resolves once that is durable. */
  run<T>(weight: number, work: () => T, options?: WorkOptions): Promise<T>;
  /** Resolves when nothing waits any more. */
  drain(): Promise<void>;
}

/**
 * Commits the work that many callers bring together, since an fsync costs far more than the writing: what comes
 * in one turn of the event loop, or while the disk is busy with the commit before, is one transaction. The disk
 * is waited for as `sync` does. Work that nobody waits for is committed with other work that somebody does wait for, or
 * after a moment. Work that throws a TandemError must have written nothing; it fails alone, and what was to follow it
 * with it. Any other error fails everything in its transaction. When the disk does not take what was committed, or fails
 * a transaction, nothing that follows can be trusted to be there: all work fails from then on, and `broke` says so.
 */
export const createGroupCommit = (options: GroupCommitOptions): GroupCommit => {
  const { transaction } = options;
  /** What is being committed. */
  let underWay: readonly Work[] = NO_WORK;
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
    if (work.before.length > 0 && work.before.some((one) => one.error !== undefined)) {
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
      const failure = options.failed(error);
      if (options.isBeyondTrust(error)) breakDown(failure);
      failAll(batch, failure);
      return false;
    }
  };

  const breakDown = (failure: Error): void => {
    broken = failure;
    options.broke(failure);
  };

  const failAll = (batch: readonly Work[], failure: Error): void => {
    for (const work of batch) work.error = failure;
  };

  const sync = async (batch: readonly Work[]): Promise<void> => {
    try {
      await transaction.sync();
    } catch (error) {
      const failure = options.failed(error);
      breakDown(failure);
      failAll(batch, failure);
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
      underWay = batch;
      if (broken) failAll(batch, broken);
      else if (commit(batch)) {
        await sync(batch);
        if (!broken) options.committed();
      }
      answer(batch);
    } while (urgent > 0 || (drained.length > 0 && waiting.length > 0));
    underWay = NO_WORK;
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

  /** The work that promises of `run` are of; nothing when one of them is not among what was brought of late. */
  const worksOf = (promises: readonly Promise<unknown>[]): Work[] | undefined => {
    const found: Work[] = [];
    for (const promise of promises) {
      const work = lastOf(waiting, promise) ?? lastOf(underWay, promise);
      if (work === undefined) return undefined;
      found.push(work);
    }
    return found;
  };

  const bring = <T>(weight: number, run: () => T, patient: boolean, before: readonly Work[]): Promise<T> => {
    let work!: Work;
    const promise = new Promise<T>((resolve, reject) => {
      work = {
        weight,
        run,
        patient,
        before,
        resolve,
        reject,
        promise: undefined,
        value: undefined,
        error: undefined,
      };
    });
    work.promise = promise;
    if (waitingWeight + weight > options.maxWaiting && waiting.length > 0) {
      work.reject(options.overloaded());
      return promise;
    }
    waiting.push(work);
    waitingWeight += weight;
    if (!patient) urgent += 1;
    if (patient && waitingWeight < options.maxBatch) wait();
    else schedule();
    return promise;
  };

  return {
    run: (weight, run, { patient = false, after } = {}) => {
      if (after === undefined || after.length === 0) return bring(weight, run, patient, NO_WORK);
      const before = worksOf(after);
      if (before) return bring(weight, run, patient, before);
      // That is done, or was never ours: it has to be known first how it went.
      return Promise.allSettled(after).then((results) => {
        if (results.some(({ status }) => status === 'rejected'))
          throw new TandemError('store.not-preceded', {});
        return bring(weight, run, patient, NO_WORK);
      });
    },
    drain: () =>
      new Promise((resolve) => {
        if (!busy && waiting.length === 0) return resolve();
        drained.push(resolve);
        schedule();
      }),
  };
};

/** How far back work is looked for that other work follows: as a rule it was brought just before. */
const LOOK_BACK = 100;

const lastOf = (works: readonly Work[], promise: Promise<unknown>): Work | undefined => {
  const first = Math.max(0, works.length - LOOK_BACK);
  for (let at = works.length - 1; at >= first; at--) if (works[at]!.promise === promise) return works[at];
  return undefined;
};
