import type { CallContext, CallStep, CallTransition, Dialling } from '../../machines/execution/index.ts';
import { fetchDocument, hangUpLegs } from '../../machines/execution/index.ts';
import { asEndReason, type EndReason, withoutTimer } from '../../machines/transition/index.ts';
import { dialOf } from './dialling.ts';

export const calleeLeft: CallTransition<'CallLegLeft'> = (context, { data }) => ({
  context: { dial: { ...context.dial!, last: { legId: data.legId, end: context.legs[data.legId]!.end! } } },
});

/** The callee is hung up while the caller goes on: by the caller's `*`, a limit, or for silence (S5, S6). */
export const letCalleeGo =
  (reason: EndReason, detail?: string): CallStep =>
  (context) => {
    const legId = context.dial!.talkingTo!;
    return {
      context: { dial: { ...context.dial!, last: { legId, end: { reason, detail, by: 'router' } } } },
      effects: hangUpLegs(context, [legId], reason, detail),
    };
  };

/** Guard: the caller ended the dialled call with the star key. */
export const isHangupStar = ({
  context,
  event,
}: {
  context: CallContext;
  event: { data: { legId: string; digit: string } };
}): boolean =>
  dialOf(context).hangupOnStar && event.data.legId === context.caller && event.data.digit === '*';

export const hasAction = ({ context }: { context: CallContext }): boolean =>
  dialOf(context).action !== undefined;

/** What Dial's action is told (Twilio's DialCallStatus). */
function outcome({ talkingTo, last }: Dialling): string {
  if (talkingTo !== undefined) return 'completed';
  const reason = asEndReason(last?.end.reason ?? 'failed');
  if (reason === 'busy' || reason === 'no-answer') return reason;
  if (reason === 'declined') return 'busy';
  return reason === 'cancelled' ? 'canceled' : 'failed';
}

export const reportDial: CallStep = (context, event) => {
  const { action, method } = dialOf(context);
  const dial = context.dial!;
  const legId = dial.talkingTo ?? dial.last?.legId;
  const answeredAt = legId === undefined ? undefined : context.legs[legId]?.answeredAt;
  return fetchDocument(context, event, {
    url: action!,
    method,
    params: {
      DialCallStatus: outcome(dial),
      // A dialled leg is a call of its own to the API, under its leg's number.
      ...(legId !== undefined && { DialCallSid: `CA${legId.slice(2)}` }),
      ...(answeredAt !== undefined && {
        DialCallDuration: String(Math.round((event.time - answeredAt) / 1000)),
      }),
    },
  });
};

export const clearTimers: CallStep = ({ timers }) => ({
  context: { timers: withoutTimer(withoutTimer(timers, 'dial'), 'timeLimit') },
});
