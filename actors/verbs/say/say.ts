import {
  type CallStep,
  caller,
  callSetup,
  currentInstruction,
  speak,
  speechElsewhere,
} from '../../machines/execution/index.ts';
import { does } from '../../machines/transition/index.ts';
import type { Verb } from '../verb.ts';
import { readSay } from './read.ts';

/** Says or plays, or sends keys: Play is carried out in the same state. */
const speakInstruction: CallStep = (context, { id }) => speak(context, id, currentInstruction(context)!);

const speaking = callSetup.createStateConfig({
  entry: does(caller.answerCaller, speakInstruction),
  on: {
    CallPlayFinished: [
      speechElsewhere,
      { guard: caller.isCurrentPlay, target: 'next', actions: does(caller.played) },
    ],
  },
});

/** Speaks text to the caller. */
export const say: Verb = {
  name: 'say',
  reader: readSay,
  beginnings: [{ target: 'speaking' }],
  states: { speaking },
};
