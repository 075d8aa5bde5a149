import { isNowhere } from '../../documents/xml/index.ts';
import { type CallContext, type CallEffect, current, sendDigits } from '../../machines/execution/index.ts';
import type { Verb } from '../verb.ts';
import { readPlay } from './read.ts';

/** Keys have the name of what plays after them, by which a leg knows those that it has sent. */
function keysAgain(context: CallContext): CallEffect[] {
  const { digits } = current(context, 'play');
  if (digits === undefined || !context.playing) return [];
  return [sendDigits(context, context.caller, digits, context.playing.id)];
}

/** Plays a file or sends keys, in Say's state. */
export const play: Verb = {
  name: 'play',
  reader: readPlay,
  beginnings: [{ target: 'speaking' }],
  resume: keysAgain,
  asksApplication: (instruction) =>
    'play' in instruction && isNowhere(instruction.play.url)
      ? 'Play names a file without saying on which server it is'
      : undefined,
};
