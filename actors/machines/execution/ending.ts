import type { Refusal } from '@tandem/proto/generated/events.ts';
import { TandemError } from '../../errors/index.ts';
import { asEndReason, type End, type EndReason, withTimer } from '../transition/index.ts';
import { type CallContext, type CallStep, type CallTransition, changeLeg, command } from './call-context.ts';
import { endMedia } from './call-media.ts';
import { hangUpLegs, playToCaller } from './caller.ts';

/** How long the legs of an ending call may take to say goodbye; a SIP transaction gives up after 32 s. */
const GOODBYE_LIMIT = 40_000;

const legsHere = ({ legs }: CallContext): string[] =>
  Object.keys(legs).filter((legId) => !['left', 'placing'].includes(legs[legId]!.status));

/** Every leg of the call that is still here is hung up, for the same reason. */
const endAll = (context: CallContext, end: End, time: number): ReturnType<CallStep> => ({
  context: { end, timers: withTimer({}, 'goodbye', time + GOODBYE_LIMIT), playing: undefined, media: {} },
  effects: [...hangUpLegs(context, legsHere(context), end.reason, end.detail), ...endMedia(context)],
});

/** Guard: nobody is left in the call. */
export const allLeft = ({ context }: { context: CallContext }): boolean => legsHere(context).length === 0;

export const conclude: CallStep = ({ end, answeredAt }, { time }) => ({
  context: { timers: {} },
  effects: [
    {
      type: 'conclude',
      reason: end!.reason,
      detail: end!.detail,
      duration: answeredAt === undefined ? 0 : time - answeredAt,
    },
  ],
});

export const legLeft: CallTransition<'CallLegLeft'> = (context, { data }) =>
  context.legs[data.legId]
    ? {
        context: {
          legs: changeLeg(context, data.legId, {
            status: 'left',
            end: {
              reason: asEndReason(data.reason),
              status: data.status,
              detail: data.detail,
              by: data.by as End['by'],
            },
          }),
        },
      }
    : {};

/** The caller left: nobody is there to go on for. */
export const callerLeft: CallTransition<'CallLegLeft'> = (context, { time }) =>
  endAll(context, context.legs[context.caller]!.end!, time);

/** The caller's media stopped: both sides end with that reason (S6). */
export const callerSilent: CallTransition<'CallLegMediaStopped'> = (context, { data, time }) =>
  endAll(
    context,
    {
      reason: 'media-stopped',
      detail: `No audio came from the caller for ${data.silentFor / 1000} s`,
      by: 'gateway',
    },
    time,
  );

export const hangUpByRequest: CallTransition<'CallHangupRequested'> = (context, { data, time }) =>
  endAll(context, { reason: asEndReason(data.reason), detail: data.detail, by: 'router' }, time);

/** The document has no further instruction, or says Hangup. */
export const hangUp: CallStep = (context, { time }) =>
  endAll(context, { reason: 'completed', by: 'router' }, time);

/** What the process that went away had begun to say may not have been said. */
export const hangUpAgain: CallStep = (context, { time }) => endAll(context, context.end!, time);

/** No call lasts longer than this; one whose region is lost for good would never end. */
export const LONGEST_CALL = 24 * 3600 * 1000;

export const lastedTooLong: CallStep = (context, { time }) =>
  endAll(context, { reason: 'completed', detail: 'The call lasted a day', by: 'router' }, time);

export const rejectUnknown: CallTransition<'CallReceived'> = (context, { data, time }) => ({
  context: {
    end: { reason: 'not-found', detail: `No application answers ${data.to}`, by: 'router' },
    timers: withTimer({}, 'goodbye', time + GOODBYE_LIMIT),
  },
  effects: [
    command(context, context.caller, 'HangupRequested', {
      reason: 'not-found',
      status: 404,
      detail: `No application answers ${data.to}`,
    }),
  ],
});

/** The caller is refused, with an error that the history keeps. */
const refuseCaller = (
  context: CallContext,
  time: number,
  reason: EndReason,
  { code, status, message }: Refusal,
): ReturnType<CallStep> => ({
  context: {
    end: { reason, status, detail: message, by: 'router' },
    lastFailure: { code, message },
    timers: withTimer({}, 'goodbye', time + GOODBYE_LIMIT),
  },
  effects: [command(context, context.caller, 'HangupRequested', { reason, status, detail: message })],
});

/** The account of the number that was called may not have the call. */
export const refuseCall: CallTransition<'CallReceived'> = (context, { data, time }) =>
  refuseCaller(context, time, 'rejected', data.refused!);

/** The call may not go on to whom it would dial, and nobody has answered it: its caller is told (RFC 3261, 16.3). */
export const refuseHop: CallStep = (context, { time }) =>
  refuseCaller(context, time, 'failed', new TandemError('sip.too-many-hops', { to: context.to }));

export const apologize: CallStep = (context, { id }) => {
  const text = 'We are sorry. An application error has occurred. Goodbye.';
  return playToCaller(context, id, [{ speech: { text } }], 1);
};

export const apologized: CallStep = (context, { time }) =>
  endAll(context, { reason: 'application-failed', detail: context.lastFailure?.message, by: 'router' }, time);

export const ended: CallTransition<'CallEnded'> = () => ({ context: { timers: {} } });
