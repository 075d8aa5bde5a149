import { TandemError } from '../../errors/index.ts';
import type { CallStep } from '../../machines/execution/index.ts';
import type { Verb } from '../verb.ts';
import { readLeave } from './read.ts';

const notInQueue: CallStep = () => {
  const { code, message } = new TandemError('document.not-in-queue', {});
  return { context: { lastFailure: { code, message } } };
};

/** Leaves the queue that a call waits in; a call that waits in none has been given a wrong document. */
export const leave: Verb = {
  name: 'leave',
  reader: readLeave,
  beginnings: [{ target: 'apologizing', steps: [notInQueue] }],
};
