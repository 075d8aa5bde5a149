import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { cachedWorker } from './sources.ts';
import { findWorker } from './worker-binary.ts';

describe('the worker program', () => {
  const env = { ...process.env };
  beforeEach(() => {
    delete process.env.MEDIASOUP_WORKER_BIN;
    process.env.XDG_CACHE_HOME = '/nowhere/cache';
  });
  afterEach(() => {
    process.env = env;
  });

  it('is kept in the user’s cache, by version, kind of machine and recipe', () => {
    expect(cachedWorker()).toMatch(
      new RegExp(
        `^/nowhere/cache/tandem/mediasoup-worker-3\\.\\d+\\.\\d+-${process.platform}-${process.arch}-[0-9a-f]{8}$`,
      ),
    );
    expect(findWorker()).toBeUndefined();
  });

  it('is the one that the environment names', () => {
    process.env.MEDIASOUP_WORKER_BIN = '/opt/worker';
    expect(findWorker()).toBe('/opt/worker');
  });

  it('is none where the environment says so', () => {
    process.env.MEDIASOUP_WORKER_BIN = 'none';
    expect(findWorker()).toBeUndefined();
  });
});
