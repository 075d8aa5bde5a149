import { type CallEffect, commandTo } from './call-context.ts';
import { type MediaPath, nodeOf } from './media-path.ts';

/** Gives the pipes of a path back, all but one. */
export const endPipes = (path: MediaPath | undefined, except?: string): CallEffect[] =>
  (path?.pipes ?? [])
    .filter(({ id }) => id !== except)
    .map(({ id }) => commandTo(nodeOf(path!, id)!, id, 'PipeEndRequested', { reason: 'completed' }));
