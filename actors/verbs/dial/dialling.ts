import type { CallFacts, Dial, DialTarget } from '@tandem/proto/generated/events.ts';
import { derivedSid } from '../../events/index.ts';
import {
  type CallContext,
  type CallEffect,
  type CallLeg,
  type CallStep,
  type CallTransition,
  changeLeg,
  comeBack,
  command,
  current,
  type Dialling,
  hangUpLegs,
  isAnswered,
  isHere,
  join,
  playToCaller,
  sendDigits,
  subjectOf,
} from '../../machines/execution/index.ts';
import type { End } from '../../machines/transition/index.ts';
import { withoutTimer, withTimer } from '../../machines/transition/index.ts';
import type { GatewayId } from '../../names/index.ts';

/** Of Dial's `timeLimit`, in seconds, when the application gives none: Twilio's four hours. */
const DEFAULT_TIME_LIMIT = 4 * 3600;

export const dialOf = (context: CallContext): Dial => current(context, 'dial');

const addressOf = (target: DialTarget): string =>
  'number' in target ? target.number.number : target.sip.uri;

const headersOf = (target: DialTarget) => ('sip' in target ? target.sip.headers : target.number.headers);

type LegEvent = { context: CallContext; event: { data: { legId: string } } };

const isPending = ({ dial }: CallContext, legId: string): boolean => dial?.pending.includes(legId) ?? false;

/** Guard: a leg that may answer. */
export const isPendingLeg = ({ context, event }: LegEvent): boolean => isPending(context, event.data.legId);

/** Guard: it may, and somebody has it. */
export const mayAnswer = (args: LegEvent): boolean =>
  isPendingLeg(args) && args.context.legs[args.event.data.legId]!.status !== 'placing';

/** Guard: the leg that the caller talks to. */
export const isCallee = ({ context, event }: LegEvent): boolean =>
  context.dial?.talkingTo === event.data.legId;

/** Guard: this was the last leg that could have answered, and there is no other target. */
export const noneLeft = ({ context, event }: LegEvent): boolean =>
  context.dial!.pending.every((legId) => legId === event.data.legId) && !hasMoreTargets(context);

/** Guard: one after the other, and there is another. */
export const hasMoreTargets = (context: CallContext): boolean =>
  dialOf(context).sequential && context.dial!.nextTarget < dialOf(context).targets.length;

/** What is left of Max-Forwards for whom the call dials; nothing when its caller named none. */
const hopsLeft = ({ facts: { maxForwards } }: CallContext): number | undefined =>
  maxForwards === undefined ? undefined : Math.max(0, maxForwards - 1);

/** Whether the call may be passed on (RFC 3261, section 16.3): one that always came back to itself would never end. */
export const mayGoOn = (context: CallContext): boolean => hopsLeft(context) !== 0;

const callerIdOf = (context: CallContext): string => dialOf(context).callerId ?? context.from;

export function placeLeg(
  context: CallContext,
  legId: string,
  to: string,
  tried: readonly GatewayId[],
): CallEffect {
  const { region, gateway, codec } = context.legs[context.caller]!;
  return {
    type: 'placeLeg',
    legId,
    call: subjectOf(context),
    to,
    tried,
    from: callerIdOf(context),
    near: { region, gateway },
    ...(codec !== undefined && { codec }),
  };
}

/** Somebody takes a leg: it is asked for there. */
export const legPlaced: CallTransition<'CallLegPlaced'> = (context, { data }) => {
  const { legId, region, gateway, foreignCallerId } = data;
  const legs = changeLeg(context, legId, {
    region,
    gateway,
    status: 'requested',
    ...(foreignCallerId && { foreignCallerId }),
  });
  return { context: { legs }, effects: [requestLeg({ ...context, legs }, legId)] };
};

/** Asks for a leg where it was placed. */
export function requestLeg(context: CallContext, legId: string): CallEffect {
  const { codec } = context.legs[context.caller]!;
  const { region, gateway, to, target, foreignCallerId } = context.legs[legId]!;
  const from = callerIdOf(context);
  const facts: CallFacts = {
    ...context.facts,
    // The called party's own directory names the caller.
    callerName: undefined,
    headers: headersOf(dialOf(context).targets[target!]!),
    maxForwards: hopsLeft(context),
    // Who calls as somebody else is not to be told apart by who they are.
    withheld: from === context.from ? context.facts.withheld : undefined,
  };
  return command(context, legId, 'LegRequested', {
    legId,
    callSid: context.callSid,
    region,
    gateway,
    to,
    from,
    routes: [],
    codecs: codec === undefined ? [] : [codec],
    timeout: dialOf(context).timeout * 1000,
    facts,
    ...(foreignCallerId && { foreignCallerId }),
  });
}

/** Guard: a leg for which nobody has been found yet. */
export const isBeingPlaced = ({ context, event }: LegEvent): boolean =>
  isPending(context, event.data.legId) && context.legs[event.data.legId]!.status === 'placing';

/** Guard: a leg that was asked for somewhere, and has not rung. */
export const isRequested = ({ context, event }: LegEvent): boolean =>
  isPending(context, event.data.legId) && context.legs[event.data.legId]!.status === 'requested';

/** Who was to take a leg would not: somebody else may. */
export const legUnplaced: CallTransition<'CallLegUnplaced'> = (context, { data }) => {
  const { region, gateway, to, tried: before = [] } = context.legs[data.legId]!;
  const tried = [...before, { region, gateway }];
  return {
    context: {
      legs: changeLeg(context, data.legId, { region: '', gateway: '', status: 'placing', tried }),
      lastFailure: { code: data.code, message: data.message },
    },
    effects: [placeLeg(context, data.legId, to, tried)],
  };
};

/** Places legs to targets from `first` on: all of them, or one when they are tried in sequence. */
function place(
  context: CallContext,
  eventId: string,
  time: number,
  first: number,
): { context: Partial<CallContext>; effects: CallEffect[] } {
  const dial = dialOf(context);
  const end = dial.sequential ? first + 1 : dial.targets.length;
  const legs: Record<string, CallLeg> = { ...context.legs };
  const effects: CallEffect[] = [];
  const pending: string[] = [];
  dial.targets.slice(first, end).forEach((target, index) => {
    const legId = derivedSid('LE', eventId, `target ${first + index}`);
    const to = addressOf(target);
    legs[legId] = { region: '', gateway: '', to, target: first + index, status: 'placing' };
    pending.push(legId);
    effects.push(placeLeg(context, legId, to, []));
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

/**
 * What the caller hears until somebody answers: our ringing tone, or that of their own exchange; which they do not hear
 * any more once there is early media, whoever rings next (RFC 3960, section 3.2).
 */
const ringback: CallStep = (context, { id }) => {
  if (!isAnswered(context) && !context.earlySession)
    return { effects: [command(context, context.caller, 'RingRequested', { earlyMedia: false })] };
  if (context.playing !== undefined) return {};
  return playToCaller(context, id, [{ tone: { name: `ringback-${dialOf(context).ringTone ?? 'us'}` } }], 0);
};

/** The same for calls of before: they hear it whether or not anybody was called yet. */
export const ringAtOnce: CallStep = (context, event) =>
  context.ringsWhenAsked ? {} : ringback(context, event);

/** Guard: this is the first who is called, of those who are dialled now, and nobody is heard yet. */
export const isFirstAsked = (args: LegEvent): boolean => {
  const { ringsWhenAsked, dial } = args.context;
  return ringsWhenAsked === true && dial!.asked === undefined && dial!.early === undefined && mayAnswer(args);
};

/** Somebody is called: until then nothing says to the caller that it rings anywhere. */
export const calleeAsked: CallTransition<'CallLegInvited'> = (context, event) => {
  const { context: changes, effects } = ringback(context, event);
  return { context: { ...changes, dial: { ...context.dial!, asked: true } }, effects };
};

/** Guard: a Dial that names nobody. */
export const hasNobody = ({ context }: { context: CallContext }): boolean =>
  dialOf(context).targets.length === 0;

/** Early media of the only target is heard by the caller in place of our ringing tone. */
export const calleeRings: CallTransition<'CallLegRinging'> = (context, event) => {
  const { legId, earlyMedia, status } = event.data;
  if (context.dial!.early === legId) return {};
  // Forwarded, queued, in progress, an early dialog that is over (181, 182, 183, 199): none of them says that it rings.
  const rings = status === 180 || earlyMedia;
  const alone = context.dial!.pending.length === 1;
  const early = earlyMedia && alone;
  const effects: CallEffect[] = [];
  if (!isAnswered(context) && rings && (early || !context.earlySession))
    effects.push(command(context, context.caller, 'RingRequested', { earlyMedia: early }));
  // A caller who has us offer can be sent nothing before the answer.
  const earlySession = early && context.legs[context.caller]!.codec !== undefined;
  if (early && context.playing !== undefined)
    effects.push(command(context, context.caller, 'PlayStopRequested', { playId: context.playing.id }));
  const joined = early ? join(context, event, legId) : undefined;
  if (joined) effects.push(...joined.effects);
  return {
    context: {
      ...joined?.context,
      legs: changeLeg(context, legId, { status: 'ringing' }),
      ...(earlySession && { earlySession }),
      ...(early && { playing: undefined, dial: { ...context.dial!, early: legId } }),
    },
    effects,
  };
};

/** The first to answer has the caller; the others are let go. */
export const calleeAnswers: CallTransition<'CallLegAnswered'> = (context, event) => {
  const { time } = event;
  const { legId } = event.data;
  const dial = dialOf(context);
  const target = dial.targets[context.legs[legId]!.target!]!;
  const digits = 'number' in target ? target.number.sendDigits : undefined;
  const heard = context.dial!.early === legId;
  const others = context.dial!.pending.filter((one) => one !== legId);
  const { codec } = event.data;
  const legs = changeLeg(context, legId, {
    status: 'answered',
    answeredAt: time,
    ...(codec !== undefined && { codec }),
  });
  const joined = heard ? undefined : join({ ...context, legs }, event, legId);
  return {
    context: {
      ...joined?.context,
      legs,
      dial: { ...context.dial!, pending: [], talkingTo: legId },
      timers: withTimer(
        withoutTimer(context.timers, 'dial'),
        'timeLimit',
        time + (dial.timeLimit ?? DEFAULT_TIME_LIMIT) * 1000,
      ),
    },
    effects: [
      ...hangUpLegs(context, others, 'cancelled', 'Answered elsewhere'),
      ...(digits ? [sendDigits(context, legId, digits, legId)] : []),
      ...(joined?.effects ?? []),
    ],
  };
};

/** An answer that came after the call had moved on. */
export const answeredTooLate: CallTransition<'CallLegAnswered'> = (context, { data }) =>
  isHere(context, data.legId) && ![context.caller, context.dial?.talkingTo].includes(data.legId)
    ? { effects: hangUpLegs(context, [data.legId], 'cancelled') }
    : {};

export const pendingLegLeft: CallTransition<'CallLegLeft'> = (context, event) => {
  const { data } = event;
  const dial = context.dial!;
  const last = { legId: data.legId, end: context.legs[data.legId]!.end! };
  const pending = dial.pending.filter((one) => one !== data.legId);
  return withoutEarlyMedia(context, event, { ...dial, pending, last });
};

/** Who was heard before an answer has gone, or goes: the caller's media comes back. */
const withoutEarlyMedia = (
  context: CallContext,
  event: Parameters<CallStep>[1],
  { early, ...dial }: Dialling,
): ReturnType<CallStep> => {
  if (early === undefined || dial.pending.includes(early)) return { context: { dial: { ...dial, early } } };
  const back = comeBack(context, event);
  return { ...back, context: { ...back.context, dial } };
};

/** Nobody answered in time. */
export const giveUp: CallStep = (context, event) => {
  const dial = context.dial!;
  const end: End = { reason: 'no-answer', by: 'router' };
  const legId = dial.pending.at(-1)!;
  const { context: changes, effects = [] } = withoutEarlyMedia(context, event, {
    ...dial,
    pending: [],
    last: { legId, end },
  });
  return { context: changes, effects: [...hangUpLegs(context, dial.pending, 'no-answer'), ...effects] };
};

/** Milliseconds after an answer within which the keys for it may not have been sent: no command lives longer. */
const DIGITS_MAY_BE_LOST = 30_000;

/** Keys for whom the caller talks to, which have that leg's name. */
export function keysAgain(context: CallContext, time: number): CallEffect[] {
  const talkingTo = context.dial?.talkingTo;
  if (talkingTo === undefined || !isHere(context, talkingTo)) return [];
  const { target, answeredAt = 0 } = context.legs[talkingTo]!;
  const called = dialOf(context).targets[target ?? 0];
  if (!called || !('number' in called) || !called.number.sendDigits) return [];
  return time < answeredAt + DIGITS_MAY_BE_LOST
    ? [sendDigits(context, talkingTo, called.number.sendDigits, talkingTo)]
    : [];
}
