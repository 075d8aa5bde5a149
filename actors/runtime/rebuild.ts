import type { AnyMachineSnapshot } from 'xstate';
import { isTandemError } from '../errors/index.ts';
import type { MachineEvent } from '../events/index.ts';
import { type Upcasts, upcast, upcasts } from '../events/index.ts';
import type { EventStore, RecordedEvent } from '../stores/event-store/index.ts';
import { deletedSnapshot, type Effect, initialSnapshot, type Kind, step } from './behaviour.ts';
import { loadSnapshot } from './snapshots.ts';

/** The event as its machine sees it. */
export const asMachineEvent = ({ type, id, time, data }: RecordedEvent): MachineEvent =>
  ({ type, id, time, data }) as MachineEvent;

/** One stored event and what it did to its actor. */
export interface ReplayedStep {
  readonly event: RecordedEvent;
  readonly before: AnyMachineSnapshot;
  readonly after: AnyMachineSnapshot;
  /** What the transition asked for; nothing of it is carried out. */
  readonly effects: readonly Effect[];
}

/**
 * Steps through an actor's events with the machine that ran it. The events are those of one stream, in order.
 *
 * @throws runtime.unknown-version
 */
export function* replay(
  kind: Kind,
  events: Iterable<RecordedEvent>,
  steps: Upcasts = upcasts,
): Generator<ReplayedStep> {
  let before = initialSnapshot(kind);
  for (const stored of events) {
    const event = upcast(stored, steps);
    const { snapshot: after, effects } = step(kind, before, asMachineEvent(event));
    yield { event, before, after, effects };
    before = after;
  }
}

/** An actor's state as its stream says it is. */
export interface Rebuilt {
  readonly snapshot: AnyMachineSnapshot;
  /** Of the last event; -1 when there is none. */
  readonly revision: number;
  /** Of the last snapshot that was stored; -1 when there is none. */
  readonly snapshotRevision: number;
  /** Ids of the newest events, oldest first. */
  readonly recentIds: readonly string[];
  readonly correlation: string;
}

/** What `rebuild` is told of how the actor is kept. */
export interface RebuildOptions {
  /** How many of the newest event ids to bring along. */
  readonly remember: number;
  /** Events between two stored snapshots; a stream that is shorter has none. */
  readonly snapshotEvery: number;
  readonly steps?: Upcasts;
}

/**
 * Reads an actor's stream, from its newest snapshot on, into its state. Carries nothing out. A stream that was deleted is
 * that of an actor which had ended.
 */
export async function rebuild(
  store: EventStore,
  kind: Kind,
  stream: string,
  options: RebuildOptions,
): Promise<Rebuilt> {
  try {
    return await rebuildStored(store, kind, stream, options);
  } catch (error) {
    if (!isTandemError(error, 'store.stream-deleted')) throw error;
    const nothing = { revision: -1, snapshotRevision: -1, recentIds: [], correlation: '' };
    return { ...nothing, snapshot: deletedSnapshot(kind) };
  }
}

async function rebuildStored(
  store: EventStore,
  kind: Kind,
  stream: string,
  { remember, snapshotEvery, steps = upcasts }: RebuildOptions,
): Promise<Rebuilt> {
  const first = await Array.fromAsync(store.readStream(stream, { limit: snapshotEvery }));
  const stored = first.length < snapshotEvery ? undefined : await loadSnapshot(store, kind, stream);
  const start = stored?.revision ?? -1;
  let snapshot = stored?.snapshot ?? initialSnapshot(kind);
  let revision = start;
  let correlation = '';
  const recentIds: string[] = [];
  const take = (event: RecordedEvent): void => {
    recentIds.push(event.id);
    correlation = event.correlation || correlation;
    if (event.revision <= start) return;
    snapshot = step(kind, snapshot, asMachineEvent(upcast(event, steps))).snapshot;
    revision = event.revision;
  };
  if (first.length < snapshotEvery) for (const event of first) take(event);
  else {
    // Some events before the snapshot are read as well: their ids, and the call that they belong to, are not in it.
    const from = Math.max(0, start + 1 - remember);
    for await (const event of store.readStream(stream, { from })) take(event);
  }
  return { snapshot, revision, snapshotRevision: start, recentIds: recentIds.slice(-remember), correlation };
}
