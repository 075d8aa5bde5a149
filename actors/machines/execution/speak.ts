import type { Instruction, PlayItem } from '@tandem/proto/generated/events.ts';
import { type CallContext, type CallEffect, command, type LegCommand } from './call-context.ts';
import { playToCaller } from './caller.ts';

/** Keys are sent before what is played, so the end of this says that they are: 20 ms, one packet. */
const AFTER_DIGITS = { silence: 20 };

/** What an instruction is to the media, and how often. */
function sound(instruction: Instruction): [item: PlayItem, loop: number] {
  if ('say' in instruction) {
    const { text, voice, language, loop } = instruction.say;
    return [{ speech: { text, voice, language } }, loop];
  }
  if ('pause' in instruction) return [{ silence: instruction.pause.length * 1000 }, 1];
  const { play } = instruction as Extract<Instruction, { play: unknown }>;
  return play.digits === undefined ? [{ file: { url: play.url } }, play.loop] : [AFTER_DIGITS, 1];
}

/** Says, plays, sends keys or is silent: a verb, or a prompt of a Gather. `CallPlayFinished` says that it is over. */
export function speak(
  context: CallContext,
  eventId: string,
  instruction: Instruction,
): { context: Partial<CallContext>; effects: CallEffect[] } {
  const [item, loop] = sound(instruction);
  const played = playToCaller(context, eventId, [item], loop);
  if (!('play' in instruction) || instruction.play.digits === undefined) return played;
  const { playing } = played.context;
  return {
    ...played,
    effects: [sendDigits(context, context.caller, instruction.play.digits, playing!.id), ...played.effects],
  };
}

/** Has a leg send keys. `once` names them: they are not sent again when they are asked for again. */
export const sendDigits = (
  context: CallContext,
  legId: string,
  digits: string,
  once: string,
): CallEffect => ({
  ...(command(context, legId, 'DigitsRequested', { digits }) as LegCommand),
  once,
});
