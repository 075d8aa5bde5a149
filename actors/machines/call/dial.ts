import type { Dial, DialTarget } from '@tandem/proto/generated/events.ts';
import { derivedSid } from '../../events/derived-id.ts';
import type { End } from '../end-reason.ts';
import { withoutTimer, withTimer } from '../timers.ts';
import {
  type CallContext,
  type CallDecide,
  type CallEffect,
  type CallLeg,
  type CallStep,
  changeLeg,
  command,
  current,
  type Dialling,
  isAnswered,
  isHere,
} from './call-context.ts';
import { hangUpLegs, playToCaller } from './caller.ts';

/** Of Dial's `timeLimit`, in seconds, when the application gives none: Twilio's four hours. */
const DEFAULT_TIME_LIMIT = 4 * 3600;

export const dialOf = (context: CallContext): Dial => current(context, 'dial');

const addressOf = (target: DialTarget): string =>
  'number' in target ? target.number.number : target.sip.uri;

type LegEvent = { context: CallContext; event: { data: { legId: string } } };

const isPending = ({ dial }: CallContext, legId: string): boolean => dial?.pending.includes(legId) ?? false;

/** Guard: a leg that may answer. */
export const isPendingLeg = ({ context, event }: LegEvent): boolean => isPending(context, event.data.legId);

/** Guard: the leg that the caller talks to. */
export const isCallee = ({ context, event }: LegEvent): boolean =>
  context.dial?.talkingTo === event.data.legId;

/** Guard: this was the last leg that could have answered, and there is no other target. */
export const noneLeft = ({ context, event }: LegEvent): boolean =>
  context.dial!.pending.every((legId) => legId === event.data.legId) && !hasMoreTargets(context);

/** Guard: one after the other, and there is another. */
export const hasMoreTargets = (context: CallContext): boolean =>
  dialOf(context).sequential && context.dial!.nextTarget < dialOf(context).targets.length;

/** Places legs to targets from `first` on: all of them, or one when they are tried in sequence. */
function place(
  context: CallContext,
  eventId: string,
  time: number,
  first: number,
): { context: Partial<CallContext>; effects: CallEffect[] } {
  const dial = dialOf(context);
  const end = dial.sequential ? first + 1 : dial.targets.length;
  const { region, gateway } = context.legs[context.caller]!;
  const legs: Record<string, CallLeg> = { ...context.legs };
  const effects: CallEffect[] = [];
  const pending: string[] = [];
  dial.targets.slice(first, end).forEach((target, index) => {
    const legId = derivedSid('LE', eventId, `target ${first + index}`);
    const to = addressOf(target);
    legs[legId] = { ...{ region, gateway, to, target: first + index }, status: 'requested' };
    pending.push(legId);
    effects.push(
      command({ legs }, legId, 'LegRequested', {
        legId,
        callSid: context.callSid,
        ...{ region, gateway },
        from: dial.callerId ?? context.from,
        to,
        routes: [],
        timeout: dial.timeout * 1000,
      }),
    );
  });
  return {
    context: {
      legs,
      dial: { pending, nextTarget: end, ...(first > 0 && { last: context.dial!.last }) },
      timers: withTimer(context.timers, 'dial', time + dial.timeout * 1000),
    },
    effects,
  };
}

export const startDial: CallStep = (context, { id, time }) => place(context, id, time, 0);

export const dialNext: CallStep = (context, { id, time }) =>
  place(context, id, time, context.dial!.nextTarget);

/** What the caller hears until somebody answers: our ringing tone, or that of their own exchange. */
export const ringback: CallStep = (context, { id }) => {
  if (!isAnswered(context))
    return { effects: [command(context, context.caller, 'RingRequested', { earlyMedia: false })] };
  if (context.playing !== undefined) return {};
  return playToCaller(context, id, [{ tone: { name: `ringback-${dialOf(context).ringTone ?? 'us'}` } }], 0);
};

/** Guard: a Dial that names nobody. */
export const hasNobody = ({ context }: { context: CallContext }): boolean =>
  dialOf(context).targets.length === 0;

/** Keys pressed meanwhile are wanted only where the star key has a meaning. */
const bridge = (context: CallContext, legId: string): CallEffect[] => [
  command(context, context.caller, 'BridgeRequested', { peer: legId, hears: dialOf(context).hangupOnStar }),
  command(context, legId, 'BridgeRequested', { peer: context.caller, hears: false }),
];

/** Early media of the only target is heard by the caller in place of our ringing tone. */
export const calleeRings: CallDecide<'CallLegRinging'> = (context, { data }) => {
  const { legId, earlyMedia } = data;
  if (context.dial!.early === legId) return {};
  const alone = context.dial!.pending.length === 1;
  const early = earlyMedia && alone;
  const effects: CallEffect[] = [];
  if (!isAnswered(context))
    effects.push(command(context, context.caller, 'RingRequested', { earlyMedia: early }));
  if (early && context.playing !== undefined)
    effects.push(command(context, context.caller, 'PlayStopRequested', { playId: context.playing }));
  if (early) effects.push(...bridge(context, legId));
  return {
    context: {
      legs: changeLeg(context, legId, { status: 'ringing' }),
      ...(early && { playing: undefined, dial: { ...context.dial!, early: legId } }),
    },
    effects,
  };
};

/** The first to answer has the caller; the others are let go. */
export const calleeAnswers: CallDecide<'CallLegAnswered'> = (context, { data, time }) => {
  const { legId } = data;
  const dial = dialOf(context);
  const target = dial.targets[context.legs[legId]!.target!]!;
  const digits = 'number' in target ? target.number.sendDigits : undefined;
  const heard = context.dial!.early === legId;
  const others = context.dial!.pending.filter((one) => one !== legId);
  return {
    context: {
      legs: changeLeg(context, legId, { status: 'answered', answeredAt: time }),
      dial: { ...context.dial!, pending: [], talkingTo: legId },
      timers: withTimer(
        withoutTimer(context.timers, 'dial'),
        'timeLimit',
        time + (dial.timeLimit ?? DEFAULT_TIME_LIMIT) * 1000,
      ),
    },
    effects: [
      ...hangUpLegs(context, others, 'cancelled', 'Answered elsewhere'),
      ...(digits ? [command(context, legId, 'DigitsRequested', { digits })] : []),
      ...(heard ? [] : bridge(context, legId)),
    ],
  };
};

/** An answer that came after the call had moved on. */
export const answeredTooLate: CallDecide<'CallLegAnswered'> = (context, { data }) =>
  isHere(context, data.legId) && ![context.caller, context.dial?.talkingTo].includes(data.legId)
    ? { effects: hangUpLegs(context, [data.legId], 'cancelled') }
    : {};

export const pendingLegLeft: CallDecide<'CallLegLeft'> = (context, { data }) => {
  const dial = context.dial!;
  const last = { legId: data.legId, end: context.legs[data.legId]!.end! };
  const pending = dial.pending.filter((one) => one !== data.legId);
  return withoutEarlyMedia(context, { ...dial, pending, last });
};

/** Who was heard before an answer has gone, or goes: the caller's media comes back. */
const withoutEarlyMedia = (context: CallContext, { early, ...dial }: Dialling): ReturnType<CallStep> =>
  early === undefined || dial.pending.includes(early)
    ? { context: { dial: { ...dial, early } } }
    : { context: { dial }, effects: [command(context, context.caller, 'UnbridgeRequested', {})] };

/** Nobody answered in time. */
export const giveUp: CallStep = (context) => {
  const dial = context.dial!;
  const end: End = { reason: 'no-answer', by: 'router' };
  const legId = dial.pending.at(-1)!;
  const { context: changes, effects = [] } = withoutEarlyMedia(context, {
    ...{ ...dial, pending: [], last: { legId, end } },
  });
  return { context: changes, effects: [...hangUpLegs(context, dial.pending, 'no-answer'), ...effects] };
};
