import type { Messages } from '@tandem/proto/generated/events.ts';
import type { EventType } from '../../events/index.ts';
import { derivedSid } from '../../events/index.ts';
import {
  type CallContext,
  type CallEffect,
  type CallStep,
  type Changes,
  command,
  commandTo,
  currentInstruction,
  isHere,
  type Playing,
} from './call-context.ts';
import { endPipes } from './end-pipes.ts';
import { ask } from './media-asking.ts';
import { joints, type MediaPath, nodeOf, speakerOf } from './media-path.ts';

// Where the call's media goes: to another leg, to a service elsewhere, or nowhere but its own gateway. A way is
// asked of the routing policy, its pipes are opened and connected while the one before is still in use, and then
// all its joints are made at once.

/** The keys of a caller are wanted where the star key has a meaning, and while somebody speaks to them. */
function hears(context: CallContext, { from, to }: MediaPath, id: string): boolean {
  if (id !== from) return false;
  const instruction = currentInstruction(context);
  return (
    to === undefined || (instruction !== undefined && 'dial' in instruction && instruction.dial.hangupOnStar)
  );
}

/** Joins what is to be joined at each place of a way. */
export const bridges = (context: CallContext, path: MediaPath): CallEffect[] =>
  joints(path).flatMap(([a, b], index): CallEffect[] => {
    if (b === undefined) return [];
    const node = path.nodes[index]!;
    return [
      commandTo(node, a, 'BridgeRequested', { peer: b, hears: hears(context, path, a) }),
      commandTo(node, b, 'BridgeRequested', { peer: a, hears: hears(context, path, b) }),
    ];
  });

/** Has media go this way, and none other. */
export function take(context: CallContext, path: MediaPath): Changes {
  const { path: before, next } = context.media;
  const left = [before, next].filter((one) => one?.id !== path.id).flatMap((one) => endPipes(one));
  const { playing } = context;
  const speaker = speakerOf(path);
  const speaks = speaker !== undefined && playing !== undefined;
  return {
    context: {
      media: { path },
      ...(speaks && { playing: { ...playing, at: speaker }, lastPlay: { id: playing.id, at: speaker } }),
    },
    effects: [
      ...bridges(context, path),
      ...(speaks
        ? [commandTo(path.nodes.at(-1)!, speaker, 'PlayRequested', playRequest(context, playing))]
        : []),
      ...left,
    ],
  };
}

/** Legs of one gateway, with one codec as far as that is known, need nobody else. */
const areNear = (context: CallContext, a: string, b: string): boolean => {
  const [one, other] = [context.legs[a]!, context.legs[b]!];
  const alike = one.codec === undefined || other.codec === undefined || one.codec === other.codec;
  return alike && one.region === other.region && one.gateway === other.gateway;
};

/** Has the caller and another leg hear each other. */
export function join(context: CallContext, event: { readonly id: string }, legId: string): Changes {
  const from = context.caller;
  if (context.media.ask || !areNear(context, from, legId))
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

/** What is to be played, and for whom. */
export const playRequest = (
  { accountSid }: CallContext,
  { id, items, loop }: Pick<Playing, 'id' | 'items' | 'loop'>,
): Messages['PlayRequested'] => ({
  playId: id,
  items: [...items],
  loop,
  ...(accountSid !== '' && { accountSid }),
});
