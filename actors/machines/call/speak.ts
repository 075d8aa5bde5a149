import type { Instruction, PlayItem } from '@tandem/proto/generated/events.ts';
import { withTimer } from '../timers.ts';
import { type CallStep, command, current, currentInstruction } from './call-context.ts';
import { playToCaller } from './caller.ts';

/** How long one digit of Play's `digits` takes to send: tone and pause, in milliseconds; `w` waits 500. */
const DIGIT_TIME = 200;
const WAIT_TIME = 500;

/** What Say, Play and Pause are to the media, as they stand in a document or as prompts of a Gather. */
export function playItems(instruction: Instruction): PlayItem[] {
  if ('say' in instruction) {
    const { text, voice, language, loop } = instruction.say;
    return text === '' ? [] : repeat({ speech: { text, voice, language } }, loop);
  }
  if ('play' in instruction && instruction.play.url !== undefined)
    return repeat({ file: { url: instruction.play.url } }, instruction.play.loop);
  if ('pause' in instruction) return [{ silence: instruction.pause.length * 1000 }];
  return [];
}

/** As a prompt, something that never ends is played so often; nobody listens longer. */
const FOREVER = 1000;

const repeat = (item: PlayItem, loop: number): PlayItem[] => Array(loop === 0 ? FOREVER : loop).fill(item);

/** Guard: the next instruction is one that is played to the caller and takes its time. */
export const isAudible = (instruction: Instruction): boolean =>
  ('say' in instruction && instruction.say.text !== '') ||
  ('play' in instruction && instruction.play.url !== undefined);

export const speak: CallStep = (context, { id }) => {
  const instruction = currentInstruction(context)!;
  const loop = 'say' in instruction ? instruction.say.loop : current(context, 'play').loop;
  const [item] = playItems(instruction);
  return playToCaller(context, id, [item!], loop);
};

export const pause: CallStep = (context, { time }) => ({
  context: { timers: withTimer(context.timers, 'pause', time + current(context, 'pause').length * 1000) },
});

export const sendDigits: CallStep = (context, { time }) => {
  const digits = current(context, 'play').digits!;
  const duration = [...digits].reduce((sum, one) => sum + (one === 'w' ? WAIT_TIME : DIGIT_TIME), 0);
  return {
    context: { timers: withTimer(context.timers, 'pause', time + duration) },
    effects: [command(context, context.caller, 'DigitsRequested', { digits })],
  };
};
