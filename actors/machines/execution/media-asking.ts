import { derivedSid } from '../../events/index.ts';
import {
  type CallContext,
  type CallTransition,
  type Changes,
  type ChoosePath,
  command,
  isHere,
  subjectOf,
} from './call-context.ts';
import { endPipes } from './end-pipes.ts';
import { hasPipe, type MediaPath, passes } from './media-path.ts';

// When the routing policy is asked for a way, and what comes of it that there is none.

type Caused = { readonly id: string };

const NOTHING: Changes = { context: {}, effects: [] };

/** A question to the routing policy; what was asked before is not waited for any more. */
export function ask(
  context: CallContext,
  event: Caused,
  wanted: Omit<ChoosePath, 'type' | 'call' | 'pathId' | 'legs'>,
): Changes {
  const pathId = derivedSid('MP', event.id, 'path');
  const legs = [wanted.from, ...(wanted.to === undefined ? [] : [wanted.to])].map((legId) => {
    const { region, gateway, codec, to } = context.legs[legId]!;
    return {
      legId,
      region,
      gateway,
      ...(codec !== undefined && { codec }),
      ...(legId !== context.caller && { endpoint: to }),
    };
  });
  const question: ChoosePath = { type: 'choosePath', call: subjectOf(context), pathId, legs, ...wanted };
  return { context: { media: { ...context.media, asked: question } }, effects: [question] };
}

/** Asks for a way between the same ends. `current` is the one in use, if packets pass it. */
export const askAgain = (
  context: CallContext,
  event: Caused,
  path: Ends,
  reason: string,
  current?: MediaPath['nodes'],
): Changes =>
  ask(context, event, {
    from: path.from,
    ...(path.to !== undefined && { to: path.to }),
    services: path.to === undefined ? ['speech'] : [],
    reason,
    attempt: (context.media.asked?.attempt ?? context.media.attempts ?? 1) + 1,
    ...(current && { current }),
  });

/** Guard: the answer is to what is asked now. */
export const isAsked = ({
  context,
  event,
}: {
  context: CallContext;
  event: { data: { pathId: string } };
}): boolean => context.media.asked?.pathId === event.data.pathId;

/** The code of a refusal that says that the way in use may not be used any more. */
const PROHIBITED = 'routing.prohibited';

/**
 * No way: what it was for does not happen. A way that is in use stays, if packets still pass and policies do not
 * close it.
 */
export const refused: CallTransition<'MediaPathRefused'> = (context, { data }) => {
  const { asked, ...media } = context.media;
  const failure = { code: data.code, message: data.message };
  const closed = data.code === PROHIBITED;
  if (media.path && !media.broken && !closed) return { context: { media, lastFailure: failure } };
  const left = closed ? leave({ ...context, media }) : { context: { media }, effects: [] };
  const changes = { ...left.context, lastFailure: failure };
  if (asked!.to === undefined)
    return {
      context: changes,
      effects:
        context.playing === undefined
          ? left.effects
          : [
              ...left.effects,
              { type: 'failPlay', legId: context.caller, playId: context.playing.id, ...failure },
            ],
    };
  if (!isHere(context, asked!.to)) return { context: changes, effects: left.effects };
  const reason = { reason: 'media-failed', detail: data.message };
  return {
    context: changes,
    effects: [...left.effects, command(context, asked!.to, 'HangupRequested', reason)],
  };
};

/** Nothing goes the way in use from now on, whether or not there is another. */
export function leave(context: CallContext): Changes {
  const { path, broken: _, ...media } = context.media;
  const { playing, lastPlay, caller } = context;
  const ends = [path?.from, path?.to].filter((legId) => legId !== undefined && isHere(context, legId));
  const unbridged = path?.to === undefined && path?.pipes.length === 0 ? [] : ends;
  return {
    context: {
      media,
      // A pipe that is gone speaks no more; what it spoke is spoken anew wherever there is a way to.
      ...(playing && hasPipe(path, playing.at) && { playing: { ...playing, at: caller } }),
      ...(lastPlay && hasPipe(path, lastPlay.at) && { lastPlay: { ...lastPlay, at: caller } }),
    },
    effects: [
      ...unbridged.map((legId) => command(context, legId!, 'UnbridgeRequested', {})),
      ...endPipes(path),
    ],
  };
}

export type Ends = Pick<MediaPath, 'from' | 'to'>;

export const endsHere = (context: CallContext, { from, to }: Ends): boolean =>
  isHere(context, from) && (to === undefined || isHere(context, to));

/** A way in use has a gap: another one is asked for, unless that is so already. */
export const breaks = (context: CallContext, event: Caused, reason: string): Changes => {
  const { path, asked, next } = context.media;
  const broken = { ...context, media: { ...context.media, broken: true } };
  if (!path || !endsHere(context, path)) return NOTHING;
  if (asked || next) return { context: { media: broken.media }, effects: [] };
  return askAgain(broken, event, path, reason);
};

type Gone = { readonly region: string; readonly gateway: string; readonly reason: string };

/** One of the legs is in the gateway that went away, and its media with it. */
const endsThere = ({ legs }: CallContext, path: MediaPath | undefined, { region, gateway }: Gone): boolean =>
  [path?.from, path?.to].some((legId) => {
    const leg = legId === undefined ? undefined : legs[legId];
    return leg?.region === region && leg.gateway === gateway;
  });

/**
 * What of the call's media was in a gateway that went away. Where a leg is there itself, no other way leads to it: it
 * goes on without a link, or is back with its gateway, or is taken by another one.
 */
export function mediaLost(context: CallContext, event: Caused, gone: Gone): Changes {
  const { next, ...media } = context.media;
  if (endsThere(context, next ?? media.path, gone)) return NOTHING;
  if (passes(next, gone)) {
    const again = askAgain({ ...context, media }, event, next!, gone.reason);
    return { ...again, effects: [...endPipes(next), ...again.effects] };
  }
  return passes(media.path, gone) ? breaks(context, event, gone.reason) : NOTHING;
}

/** Codes that say that another gateway may have the service. */
const ELSEWHERE: ReadonlySet<string | undefined> = new Set([
  'media.no-service',
  'media.service-full',
  'media.service-away',
]);

/** Guard: the caller's own gateway cannot say this, and another place might. */
export const needsSpeechElsewhere = ({
  context,
  event,
}: {
  context: CallContext;
  event: { data: { playId: string; code?: string } };
}): boolean =>
  context.playing?.id === event.data.playId &&
  ELSEWHERE.has(event.data.code) &&
  context.playing.at === context.caller;

export const askForSpeech: CallTransition<'CallPlayFinished'> = (context, event) =>
  ask(context, event, {
    from: context.caller,
    services: ['speech'],
    reason: `speech is not in ${context.legs[context.caller]!.region}`,
    attempt: 1,
  });
