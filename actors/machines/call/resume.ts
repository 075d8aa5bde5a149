import { placeLeg, requestLeg, verbs } from '../../verbs/index.ts';
import {
  bridges,
  type CallContext,
  type CallEffect,
  type CallStep,
  type CallTransition,
  command,
  commandAt,
  connectPipes,
  currentInstruction,
  findAdopter,
  hangUpLegs,
  isAnswered,
  isHere,
  moveLeg,
  playRequest,
  requestPipes,
  sealKeysAgain,
  sendRequest,
} from '../execution/index.ts';

// A call goes on at another router, or at the same one after its restart. What the one before had stored but not
// carried out follows from the state, and is asked for again; whoever has done it already takes no notice. Timers
// are deadlines in the state, so they need nothing.

/** Guard: the router that was restarted is the one that has the call. */
export const isOwner = ({
  context,
  event,
}: {
  context: CallContext;
  event: { data: { node: string } };
}): boolean => context.router === '' || context.router === event.data.node;

/** Guard: whom the call is taken from has it. Of two that take it, the second finds that it was taken. */
export const isHandedOver = ({
  context,
  event,
}: {
  context: CallContext;
  event: { data: { from: string } };
}): boolean => context.router === '' || context.router === event.data.from;

export const takenOver: CallTransition<'CallTakenOver'> = ({ takeovers }, { data }) => ({
  context: { router: data.router, takeovers: takeovers + 1 },
});

/** Everything that the state says is under way is asked for again. */
export const resume: CallStep = (context, { time }) => ({
  effects: [
    ...caller(context),
    ...sealKeysAgain(context),
    ...(context.request ? [sendRequest(context, context.request)] : []),
    ...dialled(context),
    ...moving(context),
    ...media(context),
    ...sound(context),
    ...instructed(context, time),
  ],
});

/** The caller hears that it rings, or has been answered. */
function caller(context: CallContext): CallEffect[] {
  if (isAnswered(context)) return [command(context, context.caller, 'AnswerRequested', {})];
  if (!context.dial?.pending.length) return [];
  const earlyMedia = context.earlySession || context.dial.early !== undefined;
  return [command(context, context.caller, 'RingRequested', { earlyMedia })];
}

/** Legs that may still answer are asked for; those that are not wanted any more are hung up. */
function dialled(context: CallContext): CallEffect[] {
  const { dial, legs } = context;
  if (!dial) return [];
  const talking = dial.last?.legId === dial.talkingTo ? undefined : dial.talkingTo;
  return Object.keys(legs).flatMap((legId): CallEffect[] => {
    const { status, to, tried = [] } = legs[legId]!;
    if (legId === context.caller || legId === talking || !isHere(context, legId)) return [];
    if (!dial.pending.includes(legId))
      return hangUpLegs(
        context,
        [legId],
        dial.last?.legId === legId ? dial.last.end.reason : 'cancelled',
        dial.last?.legId === legId ? dial.last.end.detail : undefined,
      );
    return [status === 'placing' ? placeLeg(context, legId, to, tried) : requestLeg(context, legId)];
  });
}

/** Legs whose gateway is gone are to be somebody else's. */
function moving(context: CallContext): CallEffect[] {
  return Object.keys(context.legs).flatMap((legId): CallEffect[] => {
    const { moving } = context.legs[legId]!;
    if (!moving || !isHere(context, legId)) return [];
    return [moving.to ? moveLeg(context, legId) : findAdopter(context, legId)];
  });
}

/** The way that is asked for, made or in use; without one, the caller's media is at its own gateway. */
function media(context: CallContext): CallEffect[] {
  const { asked, next, path } = context.media;
  return [
    ...(asked ? [asked] : []),
    ...(next ? [...requestPipes(context, next), ...connectPipes(next)] : []),
    ...(path ? bridges(context, path) : []),
    ...(!path && context.dial ? [command(context, context.caller, 'UnbridgeRequested', {})] : []),
  ];
}

/** What plays is to play, and what does not is not to. */
function sound(context: CallContext): CallEffect[] {
  const { playing, lastPlay } = context;
  if (playing) {
    return [commandAt(context, playing.at, 'PlayRequested', playRequest(context, playing))];
  }
  // What was played at a pipe that is gone has ended with it.
  if (!lastPlay || !context.legs[lastPlay.at]) return [];
  return [command(context, lastPlay.at, 'PlayStopRequested', { playId: lastPlay.id })];
}

/** What the instruction that is carried out asks for besides. */
function instructed(context: CallContext, time: number): readonly CallEffect[] {
  const instruction = currentInstruction(context);
  if (!instruction) return [];
  return verbs.find(({ name }) => name in instruction)?.resume?.(context, time) ?? [];
}
