import type { Checkpoints, EventStore, Position, RecordedEvent } from '../stores/event-store/index.ts';
import { isAfter, positionWithin } from '../stores/event-store/index.ts';
import { isKeptFor } from './delete-actor.ts';

/** How far a walk has come. */
export interface WalkPlace {
  /** Everything up to here was dealt with. */
  readonly position?: Position;
  /** Milliseconds since the Unix epoch: nothing that comes after it counts as older than this. */
  readonly time: number;
}

export interface WalkOptions {
  readonly store: EventStore;
  /** How far it has come is kept here, as `pruned`. */
  readonly checkpoints: Checkpoints;
  /** Whether others write the store, too; positions of such a store are not compared. */
  readonly shared?: boolean;
  /** Milliseconds for which what has ended is kept. */
  readonly age: number;
  /** What a walk is for. */
  readonly concerns: (event: RecordedEvent) => boolean;
  /** Deals with what is old enough; it may come again after a crash. */
  readonly take: (events: readonly RecordedEvent[]) => Promise<void>;
  /** The position beyond which nothing may be dealt with; nothing is, when it is `''`. */
  readonly upTo?: Position;
  /** Is a test's, or a command's that nobody waits behind. */
  readonly pause?: (signal: AbortSignal) => Promise<unknown>;
  /** Milliseconds since the Unix epoch. */
  readonly now?: () => number;
}

export const CHECKPOINT = 'pruned';

/** Events that are read in one go; some hold documents of tens of KiB. */
const PAGE = 50;
/** Milliseconds between two pages, which are for calls. */
const PAUSE = 5;

const pauseFor = (signal: AbortSignal): Promise<unknown> =>
  new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, PAUSE);
    signal.addEventListener('abort', done);
  });

/**
 * When an event was, as far as a walk believes it: a clock that went back makes nothing older than what was stored before
 * it, and one that is ahead makes nothing younger.
 */
export const believedTime = (before: number, time: number, now: number): number =>
  time > now ? before : Math.max(before, time);

/**
 * Goes through a store in its order, from where it stopped last, and hands on what is old enough, a page at a time with
 * pauses. It stops at the first event that is not, and before the stream that has the store's last event: by its last
 * position a store is told from another one, or from an older copy of it.
 *
 * @throws store.*, and what `take` throws
 */
export async function walk(options: WalkOptions, signal: AbortSignal): Promise<void> {
  const { store, checkpoints, concerns, take, age, upTo, pause = pauseFor, now = Date.now } = options;
  let place = await placeOf(options);
  for (let isOver = false; !isOver && !signal.aborted; ) {
    const last = await lastOf(store);
    const events = await Array.fromAsync(store.readAll({ after: place.position, limit: PAGE }));
    isOver = events.length < PAGE;
    const due: RecordedEvent[] = [];
    for (const event of events) {
      const time = believedTime(place.time, event.time, now());
      const isWanted = concerns(event);
      const isBeyond = upTo !== undefined && isAfter(event.position, upTo);
      if (isBeyond || time > now() - age || (isWanted && isKeptFor(event, last))) {
        isOver = true;
        break;
      }
      if (isWanted) due.push(event);
      place = { position: event.position, time };
    }
    if (due.length > 0) await take(due);
    await checkpoints.save(CHECKPOINT, JSON.stringify(place));
    if (!isOver) await pause(signal);
  }
}

async function placeOf({ store, checkpoints, shared = false }: WalkOptions): Promise<WalkPlace> {
  const saved = await checkpoints.load(CHECKPOINT);
  if (saved === undefined) return { time: 0 };
  const place = JSON.parse(saved) as WalkPlace;
  // A store that ends before it is another one.
  if (!shared && (await positionWithin(store, place.position)) === undefined) return { time: 0 };
  return place;
}

async function lastOf(store: EventStore): Promise<RecordedEvent | undefined> {
  for await (const event of store.readAll({ direction: 'backwards', limit: 1 })) return event;
  return undefined;
}
