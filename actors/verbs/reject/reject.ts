import { type CallStep, current, ending, hangUpLegs } from '../../machines/execution/index.ts';
import type { Verb } from '../verb.ts';
import { readReject } from './read.ts';

const refuse: CallStep = (context, event) => {
  const busy = current(context, 'reject').reason === 'busy';
  const decision = ending.hangUp(context, event);
  return {
    context: { ...decision.context, end: { reason: busy ? 'busy' : 'rejected', by: 'router' } },
    effects: hangUpLegs(context, [context.caller], busy ? 'busy' : 'rejected'),
  };
};

/** Refuses a call that was not answered yet. */
export const reject: Verb = {
  name: 'reject',
  reader: readReject,
  beginnings: [{ target: '#call.ending', steps: [refuse] }],
};
