import { type CallGuardArgs, caller, callSetup, speechElsewhere } from '../../machines/execution/index.ts';
import { does, rang } from '../../machines/transition/index.ts';
import type { Verb } from '../verb.ts';
import * as keys from './keys.ts';
import { readGather } from './read.ts';

const gathering = callSetup.createStateConfig({
  entry: does(caller.answerCaller, keys.startGather),
  exit: does(keys.endGather),
  initial: 'starting',
  on: {
    CallDigitPressed: [
      {
        guard: keys.completesGather,
        target: '.complete',
        actions: does(keys.addDigit, caller.stopPlaying),
      },
      {
        guard: keys.isCallersKey,
        target: '.waiting',
        actions: does(keys.addDigit, caller.stopPlaying),
      },
    ],
  },
  states: {
    starting: { always: [{ guard: keys.hasPrompts, target: 'prompting' }, { target: 'waiting' }] },
    prompting: {
      entry: does(keys.prompt),
      on: {
        CallPlayFinished: [
          speechElsewhere,
          {
            guard: (args: CallGuardArgs<'CallPlayFinished'>) =>
              caller.isCurrentPlay(args) && keys.hasPrompts(args),
            target: 'prompting',
            reenter: true,
            actions: does(caller.played),
          },
          { guard: caller.isCurrentPlay, target: 'waiting', actions: does(caller.played) },
        ],
      },
    },
    waiting: {
      entry: does(keys.waitForKey),
      on: { TimerRang: { guard: rang('gather'), target: 'complete' } },
    },
    complete: {
      always: [
        {
          guard: keys.hasResult,
          target: '#call.running.fetching',
          actions: does(keys.sendResult),
        },
        { target: '#call.running.next' },
      ],
    },
  },
});

/** Collects keys while prompts are heard, and hands them to the application. */
export const gather: Verb = {
  name: 'gather',
  reader: readGather,
  beginnings: [{ target: 'gathering' }],
  states: { gathering },
  asksApplication: () => 'Gather hands what it collects to an application',
};
