import type { CallContext, CallEffect, CallTransition } from './call-context.ts';
import { commandTo } from './call-context.ts';
import { take } from './call-media.ts';
import { endPipes } from './end-pipes.ts';
import { askAgain, breaks, leave } from './media-asking.ts';
import {
  changePipe,
  hasPipe,
  isReady,
  isSameWay,
  type MediaPath,
  nodeOf,
  plannedPath,
  twinOf,
} from './media-path.ts';

// How a way that was chosen is made: all its pipes are asked for, connected when both ends are open, and joined
// when all are connected. The way in use is left only then.

export const chosen: CallTransition<'MediaPathChosen'> = (context, event) => {
  if (event.data.prohibited === undefined) return begin(context, event);
  const left = leave(context);
  const begun = begin({ ...context, ...left.context }, event);
  return {
    context: { ...left.context, ...begun.context },
    effects: [...left.effects, ...(begun.effects ?? [])],
  };
};

const begin: CallTransition<'MediaPathChosen'> = (context, { data }) => {
  const path = plannedPath(data);
  const { asked: _asked, ...media } = context.media;
  const stands = media.path !== undefined && !media.broken && isReady(media.path);
  if (stands && isSameWay(media.path!, path)) return { context: { media } };
  if (path.pipes.length === 0) return take({ ...context, media }, path);
  return {
    context: { media: { ...media, next: path } },
    effects: [...requestPipes(context, path), ...endPipes(media.next)],
  };
};

/** Asks for the pipes of a way that are not open yet. */
export const requestPipes = ({ callSid }: CallContext, path: MediaPath): CallEffect[] =>
  path.pipes.flatMap(({ id, node, status }, index) => {
    if (status !== 'requested') return [];
    const { region, gateway } = path.nodes[node]!;
    const twin = path.pipes[index ^ 1]!;
    return commandTo(path.nodes[node]!, id, 'PipeRequested', {
      pipeId: id,
      callSid,
      region,
      gateway,
      codec: path.nodes[Math.min(node, twin.node)]!.codec,
      towards: path.nodes[twin.node]!.region,
    });
  });

/** Tells the open ends of pipes of their other ends. */
export const connectPipes = (path: MediaPath): CallEffect[] =>
  path.pipes.flatMap(({ id, status }) => {
    const peer = twinOf(path, id)?.end;
    return status === 'open' && peer !== undefined
      ? commandTo(nodeOf(path, id)!, id, 'PipeConnectRequested', { peer })
      : [];
  });

type PipeEvent = { context: CallContext; event: { data: { pipeId: string } } };

/** Guard: of the way that is being made. */
export const isOfNext = ({ context, event }: PipeEvent): boolean =>
  hasPipe(context.media.next, event.data.pipeId);

/** Guard: of the way in use. */
export const isOfPath = ({ context, event }: PipeEvent): boolean =>
  hasPipe(context.media.path, event.data.pipeId);

export const pipeOpened: CallTransition<'CallPipeOpened'> = (context, { data }) => {
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

export const pipeConnected: CallTransition<'CallPipeConnected'> = (context, { data }) => {
  const next = changePipe(context.media.next!, data.pipeId, { status: 'connected' });
  if (isReady(next)) return take(context, next);
  return { context: { media: { ...context.media, next } } };
};

/** A way that could not be made is given up, and another asked for. */
export const nextFailed: CallTransition<'CallPipeLeft'> = (context, event) => {
  const { next, ...media } = context.media;
  const again = askAgain({ ...context, media }, event, next!, event.data.detail ?? event.data.reason);
  const attempts = again.context.media!.asked!.attempt;
  return {
    context: { media: { ...again.context.media, attempts } },
    effects: [...endPipes(next, event.data.pipeId), ...again.effects],
  };
};

export const pathBroke: CallTransition<'CallPipeLeft'> = (context, event) =>
  breaks(context, event, event.data.detail ?? event.data.reason);
