import { ending } from '../../machines/execution/index.ts';
import type { Verb } from '../verb.ts';
import { readHangup } from './read.ts';

/** Ends the call. */
export const hangup: Verb = {
  name: 'hangup',
  reader: readHangup,
  beginnings: [{ target: '#call.ending', steps: [ending.hangUp] }],
};
