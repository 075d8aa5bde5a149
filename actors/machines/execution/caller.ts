import type { PlayItem } from '@tandem/proto/generated/events.ts';
import { derivedSid } from '../../events/index.ts';
import { withoutTimer } from '../transition/index.ts';
import {
  type CallContext,
  type CallEffect,
  type CallStep,
  type CallTransition,
  changeLeg,
  command,
  isAnswered,
} from './call-context.ts';
import { commandAt, playRequest, playsAt } from './call-media.ts';

/** Takes the caller's call if nothing has done so yet: from here on it costs them. */
export const answerCaller: CallStep = (context, { time }) =>
  isAnswered(context)
    ? {}
    : {
        context: {
          answeredAt: time,
          legs: changeLeg(context, context.caller, { status: 'answered', answeredAt: time }),
        },
        effects: [command(context, context.caller, 'AnswerRequested', {})],
      };

/** Plays to the caller; `CallPlayFinished` bears the same id. A play that another replaces is not waited for. */
export function playToCaller(
  context: CallContext,
  eventId: string,
  items: readonly PlayItem[],
  loop: number,
): { context: Partial<CallContext>; effects: CallEffect[] } {
  const id = derivedSid('PL', eventId, 'play');
  const at = playsAt(
    context,
    items.some((item) => 'speech' in item),
  );
  return {
    context: { playing: { id, items, loop, at }, lastPlay: { id, at } },
    effects: [commandAt(context, at, 'PlayRequested', playRequest(context, { id, items, loop }))],
  };
}

/** Ends what is being played to the caller, if anything is. */
export const stopPlaying: CallStep = (context) =>
  context.playing === undefined
    ? {}
    : {
        context: { playing: undefined },
        effects: [
          commandAt(context, context.playing.at, 'PlayStopRequested', { playId: context.playing.id }),
        ],
      };

export const played: CallTransition<'CallPlayFinished'> = (_context, { data }) => ({
  context: {
    playing: undefined,
    ...(data.outcome === 'failed' && { lastFailure: { code: data.code ?? '', message: data.message ?? '' } }),
  },
});

/** Guard: what finished is what the call waits for. */
export const isCurrentPlay = ({
  context,
  event,
}: {
  context: CallContext;
  event: { data: { playId: string } };
}): boolean => context.playing?.id === event.data.playId;

export const clearTimer =
  (name: string): CallStep =>
  ({ timers }) => ({ context: { timers: withoutTimer(timers, name) } });

/** Hangs up legs that are still here. One that nobody has taken yet needs no goodbye. */
export const hangUpLegs = (
  context: CallContext,
  legIds: readonly string[],
  reason: string,
  detail?: string,
): CallEffect[] =>
  legIds
    .filter((legId) => context.legs[legId]!.status !== 'placing')
    .map((legId) =>
      command(context, legId, 'HangupRequested', detail === undefined ? { reason } : { reason, detail }),
    );
