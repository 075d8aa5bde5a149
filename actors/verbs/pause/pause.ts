import { type CallStep, caller, callSetup, current } from '../../machines/execution/index.ts';
import { does, rang, withTimer } from '../../machines/transition/index.ts';
import type { Verb } from '../verb.ts';
import { readPause } from './read.ts';

/** Waits, without taking the call if nothing has done so yet. */
const wait: CallStep = (context, { time }) => ({
  context: { timers: withTimer(context.timers, 'pause', time + current(context, 'pause').length * 1000) },
});

const pausing = callSetup.createStateConfig({
  entry: does(wait),
  exit: does(caller.clearTimer('pause')),
  on: { TimerRang: { guard: rang('pause'), target: 'next' } },
});

/** Waits in silence. */
export const pause: Verb = {
  name: 'pause',
  reader: readPause,
  beginnings: [{ target: 'pausing' }],
  states: { pausing },
};
