import {
  type CallContext,
  type CallStep,
  type CallTransition,
  countKeys,
  current,
  fetchDocument,
  speak,
  withKey,
} from '../../machines/execution/index.ts';
import { withoutTimer, withTimer } from '../../machines/transition/index.ts';

/** More keys than any application asks for. */
const MOST_DIGITS = 1000;

type Pressed = { context: CallContext; event: { data: { legId: string; digit: string } } };

const isFinishKey = (context: CallContext, digit: string): boolean =>
  current(context, 'gather').finishOnKey.includes(digit);

/** Guard: this key is the last that the application waits for. */
export const completesGather = ({ context, event }: Pressed): boolean => {
  const { digit, legId } = event.data;
  if (legId !== context.caller) return false;
  const { numDigits = MOST_DIGITS } = current(context, 'gather');
  return isFinishKey(context, digit) || countKeys(context) + 1 >= numDigits;
};

/** Guard: the key is the caller's. */
export const isCallersKey = ({ context, event }: Pressed): boolean => event.data.legId === context.caller;

/** Guard: there is a prompt that the caller has not heard. */
export const hasPrompts = ({ context }: { context: CallContext }): boolean =>
  context.prompt < current(context, 'gather').prompts.length;

export const startGather: CallStep = () => ({ context: { digits: '', sealedDigits: undefined, prompt: 0 } });

/** Prompts are played one by one, so that one that never ends keeps those after it from being heard, as in a document. */
export const prompt: CallStep = (context, { id }) => {
  const spoken = speak(context, id, current(context, 'gather').prompts[context.prompt]!);
  return { ...spoken, context: { ...spoken.context, prompt: context.prompt + 1 } };
};

/** Silence is counted from the end of the prompt, and from each key anew. */
export const waitForKey: CallStep = (context, { time }) => ({
  context: {
    timers: withTimer(context.timers, 'gather', time + current(context, 'gather').timeout * 1000),
  },
});

export const addDigit: CallTransition<'CallDigitPressed'> = (context, { data }) =>
  isFinishKey(context, data.digit) ? {} : { context: withKey(context, data.digit) };

export const endGather: CallStep = ({ timers }) => ({
  context: { timers: withoutTimer(timers, 'gather') },
});

/** Guard: the application wants to hear what came of it. */
export const hasResult = ({ context }: { context: CallContext }): boolean =>
  countKeys(context) > 0 || current(context, 'gather').actionOnEmptyResult;

export const sendResult: CallStep = (context, event) => {
  const { action = context.document, method } = current(context, 'gather');
  const finishedBy: Record<string, string> =
    event.type === 'CallDigitPressed' && isFinishKey(context, event.data.digit)
      ? { FinishedOnKey: event.data.digit }
      : {};
  return fetchDocument(context, event, {
    url: action,
    method,
    params: { msg: 'Gather End', Digits: context.digits, ...finishedBy },
    sealedDigits: context.sealedDigits,
  });
};
