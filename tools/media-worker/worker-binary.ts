import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { cachedWorker } from './sources.ts';

/** Its exit status when it is started by anybody but mediasoup: so it can be started here at all. */
const NOT_MY_PARENT = 41;

const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Whether a binary runs on this machine, with its kind of processor and the libraries that are here. */
export const runsHere = (file: string): boolean =>
  spawnSync(file, [], { env: {}, stdio: 'ignore' }).status === NOT_MY_PARENT;

/**
 * mediasoup's worker as this machine has it: what MEDIASOUP_WORKER_BIN names, else what was fetched or built. None where
 * that is `none`, though there is one.
 */
export const findWorker = (): string | undefined => {
  const named = process.env.MEDIASOUP_WORKER_BIN;
  if (named) return named === 'none' ? undefined : named;
  const cached = cachedWorker();
  return isExecutable(cached) ? cached : undefined;
};
