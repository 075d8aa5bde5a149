import { LAST_EVENTS } from '../events/index.ts';
import type { Checkpoints, EventStore, Position } from '../stores/event-store/index.ts';
import { isAfter } from '../stores/event-store/index.ts';
import { deleteActor } from './delete-actor.ts';
import { type WalkOptions, walk } from './walk.ts';

export interface PruneJournalOptions extends Pick<WalkOptions, 'age' | 'now' | 'pause'> {
  readonly journal: EventStore;
  readonly checkpoints: Checkpoints;
  /** Names of the checkpoints of those who read the journal after a restart: nothing that one has not had is removed. */
  readonly readers: readonly string[];
}

/** Streams that are deleted at a time, in one commit: some milliseconds of it. */
const TOGETHER = 4;

/**
 * Removes the streams of legs, pipes and calls from a gateway's journal that have ended, were shipped to every main region,
 * and are older than is wanted. What the gateway and its region say of themselves stays: the journal is known by it.
 *
 * @returns how many streams it removed
 * @throws store.*
 */
export async function pruneJournal(options: PruneJournalOptions, signal: AbortSignal): Promise<number> {
  const { journal, checkpoints, readers } = options;
  let streams = 0;
  const upTo = await leastOf(checkpoints, readers);
  if (upTo === '') return 0;
  const remove = async (ended: readonly { readonly stream: string }[]): Promise<void> => {
    for (let at = 0; at < ended.length; at += TOGETHER) {
      const some = ended.slice(at, at + TOGETHER);
      const removed = await Promise.all(some.map(({ stream }) => deleteActor(journal, stream)));
      streams += removed.filter(Boolean).length;
    }
  };
  const concerns = ({ type }: { readonly type: string }): boolean => LAST_EVENTS.has(type);
  await walk({ ...options, store: journal, upTo, concerns, take: remove }, signal);
  return streams;
}

/** How far the one has come that is furthest behind; `''` when one has not begun. */
async function leastOf(checkpoints: Checkpoints, readers: readonly string[]): Promise<Position> {
  const positions = await Promise.all(readers.map((name) => checkpoints.load(name)));
  return positions
    .map((position) => position ?? '')
    .reduce((least, position) => (isAfter(least, position) ? position : least));
}
