import { derivedSid } from '../../events/derived-id.ts';
import type { EventType } from '../../events/event-schema.ts';
import {
  type CallContext,
  type CallDecide,
  type CallEffect,
  type CallStep,
  type ChoosePath,
  command,
  commandTo,
  currentInstruction,
  isHere,
  subjectOf,
} from './call-context.ts';
import {
  changePipe,
  hasPipe,
  isReady,
  isSameWay,
  joints,
  type MediaPath,
  nodeOf,
  passes,
  plannedPath,
  speakerOf,
  twinOf,
} from './media-path.ts';

// Where the call's media goes: to another leg, to a service elsewhere, or nowhere but its own gateway. A way is
// asked of the routing policy, its pipes are opened and connected while the one before is still in use, and then
// all its joints are made at once.

type Changes = { context: Partial<CallContext>; effects: CallEffect[] };
type What = { readonly id: string };

const NOTHING: Changes = { context: {}, effects: [] };

/** A question to the routing policy; what was asked before is not waited for any more. */
function ask(
  context: CallContext,
  event: What,
  wanted: Omit<ChoosePath, 'type' | 'call' | 'pathId' | 'legs'>,
): Changes {
  const pathId = derivedSid('MP', event.id, 'path');
  const legs = [wanted.from, ...(wanted.to === undefined ? [] : [wanted.to])].map((legId) => {
    const { region, gateway, codec } = context.legs[legId]!;
    return { legId, region, gateway, ...(codec !== undefined && { codec }) };
  });
  const question: ChoosePath = { type: 'choosePath', call: subjectOf(context), pathId, legs, ...wanted };
  return { context: { media: { ...context.media, asked: question } }, effects: [question] };
}

const endPipes = (path: MediaPath | undefined, except?: string): CallEffect[] =>
  (path?.pipes ?? [])
    .filter(({ id }) => id !== except)
    .map(({ id }) => commandTo(nodeOf(path!, id)!, id, 'PipeEndRequested', { reason: 'completed' }));

/** The keys of a caller are wanted where the star key has a meaning, and while somebody speaks to them. */
function hears(context: CallContext, { from, to }: MediaPath, id: string): boolean {
  if (id !== from) return false;
  const instruction = currentInstruction(context);
  return (
    to === undefined || (instruction !== undefined && 'dial' in instruction && instruction.dial.hangupOnStar)
  );
}

/** Has media go this way, and none other. */
function take(context: CallContext, path: MediaPath): Changes {
  const bridges = joints(path).flatMap(([a, b], index): CallEffect[] => {
    if (b === undefined) return [];
    const node = path.nodes[index]!;
    return [
      commandTo(node, a, 'BridgeRequested', { peer: b, hears: hears(context, path, a) }),
      commandTo(node, b, 'BridgeRequested', { peer: a, hears: hears(context, path, b) }),
    ];
  });
  const { path: before, next } = context.media;
  const left = [before, next].filter((one) => one?.id !== path.id).flatMap((one) => endPipes(one));
  const { playing } = context;
  const speaker = speakerOf(path);
  const speaks = speaker !== undefined && playing !== undefined;
  return {
    context: {
      media: { path },
      ...(speaks && { playing: { ...playing, at: speaker } }),
    },
    effects: [
      ...bridges,
      ...(speaks
        ? [
            commandTo(path.nodes.at(-1)!, speaker, 'PlayRequested', {
              ...{ playId: playing.id, items: [...playing.items], loop: playing.loop },
            }),
          ]
        : []),
      ...left,
    ],
  };
}

/** Legs of one gateway, with one codec, need nobody else. */
const areNear = (context: CallContext, a: string, b: string): boolean => {
  const [one, other] = [context.legs[a]!, context.legs[b]!];
  return one.region === other.region && one.gateway === other.gateway && one.codec === other.codec;
};

/** Has the caller and another leg hear each other. */
export function join(context: CallContext, event: What, legId: string): Changes {
  const from = context.caller;
  if (!areNear(context, from, legId))
    return ask(context, event, { from, to: legId, services: [], reason: 'bridge', attempt: 1 });
  const { region, gateway } = context.legs[from]!;
  const nodes = [{ region, gateway, services: [], codec: '' }];
  return take(context, { id: derivedSid('MP', event.id, 'path'), from, to: legId, nodes, pipes: [] });
}

/** The caller's media comes back to its own gateway, for whatever is next (C4). */
export const comeBack: CallStep = (context) => {
  const { path, next } = context.media;
  const bridged = path !== undefined && isHere(context, context.caller);
  return {
    context: { media: {} },
    effects: [
      ...(bridged ? [command(context, context.caller, 'UnbridgeRequested', {})] : []),
      ...endPipes(path),
      ...endPipes(next),
    ],
  };
};

/** Everything of the call's media between gateways is given up. */
export const endMedia = ({ media }: CallContext): CallEffect[] => [
  ...endPipes(media.path),
  ...endPipes(media.next),
];

export const isAsked = ({
  context,
  event,
}: {
  context: CallContext;
  event: { data: { pathId: string } };
}): boolean => context.media.asked?.pathId === event.data.pathId;

export const chosen: CallDecide<'MediaPathChosen'> = (context, { data }) => {
  const path = plannedPath(data);
  const { asked: _asked, ...media } = context.media;
  const stands = media.path !== undefined && !media.broken && isReady(media.path);
  if (stands && isSameWay(media.path!, path)) return { context: { media } };
  if (path.pipes.length === 0) return take({ ...context, media }, path);
  const requests = path.pipes.map(({ id, node }, index) => {
    const { region, gateway } = path.nodes[node]!;
    const twin = path.pipes[index ^ 1]!;
    return commandTo(path.nodes[node]!, id, 'PipeRequested', {
      ...{ pipeId: id, callSid: context.callSid, region, gateway },
      codec: path.nodes[Math.min(node, twin.node)]!.codec,
      towards: path.nodes[twin.node]!.region,
    });
  });
  return {
    context: { media: { ...media, next: path } },
    effects: [...requests, ...endPipes(media.next)],
  };
};

/** No way: what it was for does not happen. A way that is in use stays, if packets still pass. */
export const refused: CallDecide<'MediaPathRefused'> = (context, { data }) => {
  const { asked, ...media } = context.media;
  const failure = { code: data.code, message: data.message };
  if (media.path && !media.broken) return { context: { media, lastFailure: failure } };
  const changes = { media, lastFailure: failure };
  if (asked!.to === undefined)
    return context.playing === undefined
      ? { context: changes }
      : {
          context: changes,
          effects: [{ type: 'failPlay', legId: context.caller, playId: context.playing.id, ...failure }],
        };
  if (!isHere(context, asked!.to)) return { context: changes };
  const reason = { reason: 'media-failed', detail: data.message };
  return { context: changes, effects: [command(context, asked!.to, 'HangupRequested', reason)] };
};

type PipeEvent = { context: CallContext; event: { data: { pipeId: string } } };

/** Guard: of the way that is being made. */
export const isOfNext = ({ context, event }: PipeEvent): boolean =>
  hasPipe(context.media.next, event.data.pipeId);

/** Guard: of the way in use. */
export const isOfPath = ({ context, event }: PipeEvent): boolean =>
  hasPipe(context.media.path, event.data.pipeId);

export const pipeOpened: CallDecide<'CallPipeOpened'> = (context, { data }) => {
  const next = changePipe(context.media.next!, data.pipeId, { status: 'open', end: data.end });
  const twin = twinOf(next, data.pipeId)!;
  const effects =
    twin.end === undefined
      ? []
      : [
          commandTo(nodeOf(next, data.pipeId)!, data.pipeId, 'PipeConnectRequested', { peer: twin.end }),
          commandTo(nodeOf(next, twin.id)!, twin.id, 'PipeConnectRequested', { peer: data.end }),
        ];
  return { context: { media: { ...context.media, next } }, effects };
};

export const pipeConnected: CallDecide<'CallPipeConnected'> = (context, { data }) => {
  const next = changePipe(context.media.next!, data.pipeId, { status: 'connected' });
  if (isReady(next)) return take(context, next);
  return { context: { media: { ...context.media, next } } };
};

const askAgain = (context: CallContext, event: What, path: MediaPath, reason: string): Changes =>
  ask(context, event, {
    from: path.from,
    ...(path.to !== undefined && { to: path.to }),
    services: path.to === undefined ? ['speech'] : [],
    reason,
    attempt: (context.media.asked?.attempt ?? context.media.attempts ?? 1) + 1,
    current: path.nodes,
  });

/** A way that could not be made is given up, and another asked for. */
export const nextFailed: CallDecide<'CallPipeLeft'> = (context, event) => {
  const { next, ...media } = context.media;
  const again = askAgain({ ...context, media }, event, next!, event.data.detail ?? event.data.reason);
  const attempts = again.context.media!.asked!.attempt;
  return {
    context: { media: { ...again.context.media, attempts } },
    effects: [...endPipes(next, event.data.pipeId), ...again.effects],
  };
};

const endsHere = (context: CallContext, { from, to }: MediaPath): boolean =>
  isHere(context, from) && (to === undefined || isHere(context, to));

/** A way in use has a gap: another one is asked for, unless that is so already. */
const breaks = (context: CallContext, event: What, reason: string): Changes => {
  const { path, asked, next } = context.media;
  const broken = { ...context, media: { ...context.media, broken: true } };
  if (!path || !endsHere(context, path)) return NOTHING;
  if (asked || next) return { context: { media: broken.media }, effects: [] };
  return askAgain(broken, event, path, reason);
};

export const pathBroke: CallDecide<'CallPipeLeft'> = (context, event) =>
  breaks(context, event, event.data.detail ?? event.data.reason);

/** Guard: there is a way whose choice can be looked at again. */
export const mayReview = ({ context }: { context: CallContext }): boolean => {
  const { path, asked, next } = context.media;
  return path !== undefined && !asked && !next && endsHere(context, path);
};

export const review: CallDecide<'MediaPathReviewRequested'> = (context, event) => {
  const again = askAgain(context, event, context.media.path!, event.data.reason);
  return event.data.mustMove
    ? { ...again, context: { media: { ...again.context.media, broken: true } } }
    : again;
};

/** What of the call's media was in a gateway that went away. */
export function mediaLost(
  context: CallContext,
  event: What,
  gone: { readonly region: string; readonly gateway: string; readonly reason: string },
): Changes {
  const { next, ...media } = context.media;
  if (passes(next, gone)) {
    const again = askAgain({ ...context, media }, event, next!, gone.reason);
    return { ...again, effects: [...endPipes(next), ...again.effects] };
  }
  return passes(media.path, gone) ? breaks(context, event, gone.reason) : NOTHING;
}

/** Guard: the caller's own gateway cannot say this, and another place might. */
export const needsSpeechElsewhere = ({
  context,
  event,
}: {
  context: CallContext;
  event: { data: { playId: string; code?: string } };
}): boolean =>
  context.playing?.id === event.data.playId &&
  event.data.code === 'media.no-service' &&
  context.playing.at === context.caller;

export const askForSpeech: CallDecide<'CallPlayFinished'> = (context, event) =>
  ask(context, event, {
    from: context.caller,
    services: ['speech'],
    reason: `speech is not in ${context.legs[context.caller]!.region}`,
    attempt: 1,
  });

/** Where something is to be played to the caller: what needs a service that was found elsewhere, there. */
export function playsAt(context: CallContext, isSpeech: boolean): string {
  const { path } = context.media;
  return (isSpeech && path && !context.media.broken && speakerOf(path)) || context.caller;
}

/** A message for a leg of the call or a pipe of the way in use. */
export const commandAt = <T extends EventType>(
  context: CallContext,
  at: string,
  ...[type, data]: Parameters<typeof commandTo<T>> extends [unknown, unknown, ...infer Rest] ? Rest : never
): CallEffect => commandTo(context.legs[at] ?? nodeOf(context.media.path!, at)!, at, type, data);
