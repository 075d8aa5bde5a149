import { describe, expect, it, jest } from '@jest/globals';
import { TandemError } from '../../errors/tandem-error.ts';
import { createGroupCommit, type WorkOptions } from './group-commit.ts';

const conflict = new TandemError('store.stream-deleted', { stream: 'leg' });
const overloaded = new Error('overloaded');
const DAMAGED = new Error('damaged');

/** A group commit whose transactions are written down. */
const recorded = ({ maxBatch = 10, maxWaiting = 100, patience = 1 } = {}) => {
  const log: string[] = [];
  const transaction = {
    begin: jest.fn(() => void log.push('begin')),
    commit: jest.fn(() => void log.push('commit')),
    sync: jest.fn(async (): Promise<void> => {
      log.push('sync');
    }),
    rollback: jest.fn(() => void log.push('rollback')),
  };
  const group = createGroupCommit({
    transaction,
    maxBatch,
    maxWaiting,
    patience,
    overloaded: () => overloaded,
    failed: (error) => new Error('failed', { cause: error }),
    isBeyondTrust: (error) => error === DAMAGED,
    broke: (error) => void log.push(`broke: ${error.message}`),
    committed: () => void log.push('committed'),
  });
  const run = (name: string, weight: number, options?: WorkOptions): Promise<string> => {
    const write = (): string => {
      log.push(name);
      return name;
    };
    return group.run(weight, write, options);
  };
  const work = (name: string, weight = 1): Promise<string> => run(name, weight);
  const patient = (name: string, weight = 1): Promise<string> => run(name, weight, { patient: true });
  const after = (name: string, ...before: Promise<unknown>[]) => run(name, 1, { after: before });
  return { log, transaction, group, work, patient, after };
};

describe('group commit', () => {
  it('does the work of one turn in one transaction, in the order in which it came', async () => {
    const { log, work } = recorded();
    expect(await Promise.all(['a', 'b', 'c'].map((name) => work(name)))).toEqual(['a', 'b', 'c']);
    expect(log).toEqual(['begin', 'a', 'b', 'c', 'commit', 'sync', 'committed']);
  });

  it('answers nobody before the disk has it', async () => {
    const { log, transaction, work } = recorded();
    const disk = Promise.withResolvers<void>();
    transaction.sync.mockImplementationOnce(() => disk.promise);
    const answered = work('a').then(() => log.push('answered'));
    while (!log.includes('commit')) await new Promise(setImmediate);
    await new Promise(setImmediate);
    expect(log).toEqual(['begin', 'a', 'commit']);
    disk.resolve();
    await answered;
    expect(log).toEqual(['begin', 'a', 'commit', 'committed', 'answered']);
  });

  it('does what comes while the disk is busy in the next transaction', async () => {
    const { log, transaction, work } = recorded();
    const disk = Promise.withResolvers<void>();
    transaction.sync.mockImplementationOnce(() => disk.promise);
    const first = work('a');
    while (!log.includes('commit')) await new Promise(setImmediate);
    const others = Promise.all([work('b'), work('c')]);
    await new Promise(setImmediate);
    disk.resolve();
    await Promise.all([first, others]);
    expect(log.join(' ')).toBe('begin a commit committed begin b c commit sync committed');
  });

  it('fails all work from the moment at which the disk does not take a commit', async () => {
    const { log, transaction, work } = recorded();
    const broken = new Error('I/O error');
    transaction.sync.mockRejectedValueOnce(broken);
    await expect(work('a')).rejects.toMatchObject({ cause: broken });
    await expect(work('b')).rejects.toMatchObject({ cause: broken });
    expect(log).toEqual(['begin', 'a', 'commit', 'broke: failed']);
  });

  it('begins another transaction when one has its fill', async () => {
    const { log, work } = recorded({ maxBatch: 3 });
    await Promise.all([work('a', 2), work('b', 1), work('c', 1), work('huge', 50), work('d', 1)]);
    expect(log.filter((entry) => entry !== 'committed' && entry !== 'sync').join(' ')).toBe(
      'begin a b commit begin c commit begin huge commit begin d commit',
    );
  });

  it('lets what throws a TandemError fail alone', async () => {
    const { log, group, work } = recorded();
    const results = await Promise.allSettled([
      work('a'),
      group.run(1, () => {
        throw conflict;
      }),
      work('b'),
    ]);
    expect(results).toMatchObject([{ value: 'a' }, { reason: conflict }, { value: 'b' }]);
    expect(log).toEqual(['begin', 'a', 'b', 'commit', 'sync', 'committed']);
  });

  it.each(['begin', 'commit'] as const)(
    'fails all of a transaction whose %s fails, and goes on',
    async (step) => {
      const { transaction, work } = recorded();
      const full = new Error('disk full');
      transaction[step].mockImplementationOnce(() => {
        throw full;
      });
      const results = await Promise.allSettled([work('a'), work('b')]);
      expect(results).toMatchObject([{ reason: { cause: full } }, { reason: { cause: full } }]);
      expect(transaction.rollback).toHaveBeenCalledTimes(1);
      expect(await work('c')).toBe('c');
    },
  );

  it('fails all of a transaction in which work throws anything else', async () => {
    const { transaction, group, work } = recorded();
    const broken = new Error('I/O error');
    const failing = group.run(1, () => {
      throw broken;
    });
    const results = await Promise.allSettled([work('a'), failing, work('b')]);
    expect(results).toMatchObject([
      { reason: { cause: broken } },
      { reason: { cause: broken } },
      { reason: { cause: broken } },
    ]);
    expect(transaction.commit).not.toHaveBeenCalled();
  });

  it('refuses more than may wait', async () => {
    const { work } = recorded({ maxWaiting: 5 });
    const results = await Promise.allSettled([work('a', 4), work('b', 1), work('c', 1)]);
    expect(results).toMatchObject([{ value: 'a' }, { value: 'b' }, { reason: overloaded }]);
    expect(await work('d', 5)).toBe('d');
  });

  it('has drained once all that waited was answered', async () => {
    const { log, group, work } = recorded({ maxBatch: 1 });
    void work('a');
    void work('b');
    await group.drain();
    expect(log).toContain('b');
    await group.drain();
  });

  it('commits what nobody waits for with the next work that somebody does, in the order in which it came', async () => {
    const { log, work, patient } = recorded({ patience: 100_000 });
    const waiting = patient('a');
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    expect(log).toEqual([]);
    await Promise.all([waiting, work('b')]);
    expect(log).toEqual(['begin', 'a', 'b', 'commit', 'sync', 'committed']);
  });

  it('commits what nobody waits for after a while, if nothing else comes', async () => {
    const { log, patient } = recorded();
    await Promise.all([patient('a'), patient('b')]);
    expect(log).toEqual(['begin', 'a', 'b', 'commit', 'sync', 'committed']);
  });

  it('leaves what came during a commit, and nobody waits for, to the next', async () => {
    const { log, transaction, work, patient } = recorded({ patience: 100_000 });
    const disk = Promise.withResolvers<void>();
    transaction.sync.mockImplementationOnce(() => disk.promise);
    const first = work('a');
    while (!log.includes('commit')) await new Promise(setImmediate);
    const waiting = patient('b');
    disk.resolve();
    await first;
    await new Promise(setImmediate);
    expect(log).toEqual(['begin', 'a', 'commit', 'committed']);
    await Promise.all([waiting, work('c')]);
    expect(log.slice(4)).toEqual(['begin', 'b', 'c', 'commit', 'sync', 'committed']);
  });

  it('does not let more than a transaction’s fill be patient', async () => {
    const { patient } = recorded({ maxBatch: 3, patience: 100_000 });
    expect(await Promise.all([patient('a'), patient('b', 2)])).toEqual(['a', 'b']);
  });

  it('has drained only once what nobody waits for is committed, too', async () => {
    const { log, group, patient } = recorded({ patience: 100_000 });
    const waiting = patient('a');
    await group.drain();
    expect(await waiting).toBe('a');
    expect(log).toEqual(['begin', 'a', 'commit', 'sync', 'committed']);
  });

  it('does work with what it follows, and not at all without that', async () => {
    const { log, group, work, after } = recorded();
    const failing = group.run(1, () => {
      throw conflict;
    });
    const orphan = after('c', work('a'), failing);
    const results = await Promise.allSettled([failing, after('b', work('a2')), orphan, after('d', orphan)]);
    const notPreceded = { reason: { code: 'store.not-preceded' } };
    expect(results).toMatchObject([{ reason: conflict }, { value: 'b' }, notPreceded, notPreceded]);
    expect(log).toEqual(['begin', 'a', 'a2', 'b', 'commit', 'sync', 'committed']);
  });

  it('does work after what was done before, or by others, if that went well', async () => {
    const { work, after } = recorded();
    const done = work('a');
    await done;
    expect(await after('b', done, Promise.resolve('of another group'))).toBe('b');
    const failed = Promise.reject(conflict);
    await expect(after('c', done, failed)).rejects.toMatchObject({ code: 'store.not-preceded' });
  });

  it('does work after what is being committed', async () => {
    const { log, transaction, work, after } = recorded();
    const disk = Promise.withResolvers<void>();
    transaction.sync.mockImplementationOnce(() => disk.promise);
    const first = work('a');
    while (!log.includes('commit')) await new Promise(setImmediate);
    const second = after('b', first);
    disk.resolve();
    expect(await Promise.all([first, second])).toEqual(['a', 'b']);
    transaction.sync.mockRejectedValueOnce(new Error('I/O error'));
    const third = work('c');
    await expect(third).rejects.toThrow('failed');
  });

  it('does no work that follows from a transaction that failed', async () => {
    const { transaction, work, after } = recorded({ maxBatch: 1 });
    transaction.commit.mockImplementationOnce(() => {
      throw new Error('disk full');
    });
    const first = work('a');
    const results = await Promise.allSettled([first, after('b', first)]);
    expect(results).toMatchObject([
      { reason: { message: 'failed' } },
      { reason: { code: 'store.not-preceded' } },
    ]);
  });

  it('does no more work after a commit that leaves the file in doubt', async () => {
    const { log, transaction, work } = recorded();
    transaction.commit.mockImplementationOnce(() => {
      throw DAMAGED;
    });
    await expect(work('a')).rejects.toThrow('failed');
    await expect(work('b')).rejects.toThrow('failed');
    expect(log).toEqual(['begin', 'a', 'rollback', 'broke: failed']);
  });

  it('goes on after a commit that only found no room', async () => {
    const { transaction, work } = recorded();
    transaction.commit.mockImplementationOnce(() => {
      throw new Error('disk full');
    });
    await expect(work('a')).rejects.toThrow('failed');
    expect(await work('b')).toBe('b');
  });
});
