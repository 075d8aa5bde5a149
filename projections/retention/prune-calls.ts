import { asRecorded, isTandemError } from '@tandem/actors/errors';
import { LAST_EVENTS } from '@tandem/actors/events';
import { deleteActor, type WalkOptions, walk } from '@tandem/actors/retention';
import type { EventStore, RecordedEvent } from '@tandem/actors/stores/event-store';
import { type ArchiveOptions, archiveCall } from './archive-call.ts';

export interface PruneCallsOptions
  extends Pick<WalkOptions, 'store' | 'checkpoints' | 'shared' | 'age' | 'pause' | 'now'>,
    Omit<ArchiveOptions, 'now'> {
  /** Deals with a call that ended long enough ago; archives it, when not given. How many streams it removed. */
  readonly archive?: (callSid: string, ended: RecordedEvent) => Promise<number>;
  /** Deals with a leg or pipe that has ended and belongs to no call that is kept. Whether it was there. */
  readonly remove?: (stream: string) => Promise<boolean>;
  /** A call cannot be read, so it stays. */
  readonly onNotArchived: (error: unknown, callSid: string) => void;
}

export interface Pruned {
  readonly calls: number;
  readonly streams: number;
}

/** Calls that are archived at a time. */
const TOGETHER = 4;

const CALL = 'call-';

/**
 * Archives the calls of a main region that ended long enough ago, and removes legs and pipes that have no call any more:
 * those that were shipped when their call had been archived.
 *
 * @throws store.*
 */
export async function pruneCalls(options: PruneCallsOptions, signal: AbortSignal): Promise<Pruned> {
  const { store, onNotArchived, now = Date.now } = options;
  const {
    archive = (callSid: string) => archiveCall(store, callSid, { ...options, now }),
    remove = (stream: string) => deleteActor(store, stream),
  } = options;
  let [calls, streams] = [0, 0];

  const takeOne = async (event: RecordedEvent): Promise<void> => {
    if (!event.stream.startsWith(CALL)) {
      if (!(await isThere(store, `${CALL}${event.correlation}`)))
        streams += Number(await remove(event.stream));
      return;
    }
    const callSid = event.stream.slice(CALL.length);
    try {
      const removed = await archive(callSid, event);
      calls += Number(removed > 0);
      streams += removed;
    } catch (error) {
      if (!asRecorded(error).code.startsWith('runtime.')) throw error;
      onNotArchived(error, callSid);
    }
  };

  await walk(
    {
      ...options,
      concerns: ({ type }) => LAST_EVENTS.has(type),
      async take(events) {
        for (let at = 0; at < events.length; at += TOGETHER)
          await Promise.all(events.slice(at, at + TOGETHER).map(takeOne));
      },
    },
    signal,
  );
  return { calls, streams };
}

async function isThere(store: EventStore, stream: string): Promise<boolean> {
  try {
    for await (const _ of store.readStream(stream, { limit: 1 })) return true;
  } catch (error) {
    if (!isTandemError(error, 'store.stream-deleted')) throw error;
  }
  return false;
}
