import { it } from '@jest/globals';
import type { DeclareTest } from '@tandem/actors/testing/need-program.ts';
import { findWorker } from '@tandem/media-worker';

/**
 * `it` for tests that run mediasoup's worker. Where it is not, the test is skipped, and its name says why; under
 * `CI=true` it fails instead.
 */
export const needWorker: DeclareTest = (name, test, timeout) => {
  if (findWorker() !== undefined) return it(name, test, timeout);
  const reason = 'needs mediasoup’s worker: ./tandem --version gets it, or says what that takes';
  if (process.env.CI !== 'true') return it.skip(`${name} (${reason})`, test, timeout);
  return it(name, () => {
    throw new Error(`This test ${reason}`);
  });
};
