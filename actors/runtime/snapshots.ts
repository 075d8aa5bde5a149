import { randomUUID } from 'node:crypto';
import type { Messages } from '@tandem/proto/generated/events.ts';
import type { AnyMachineSnapshot } from 'xstate';
import { isTandemError } from '../errors/index.ts';
import type { EventStore } from '../stores/event-store/index.ts';
import { type Kind, restoreState, serializeState } from './behaviour.ts';

/** Snapshots live in streams of their own, beside the actor's; they can be thrown away at any time. */
export const snapshotStream = (stream: string): string => `snapshot-${stream}`;

const machineName = (kind: Kind): string => `${kind.name}@${kind.version}`;

/** The newest snapshot of an actor that fits its machine, and the revision up to which it goes. */
export async function loadSnapshot(
  store: EventStore,
  kind: Kind,
  stream: string,
): Promise<{ snapshot: AnyMachineSnapshot; revision: number } | undefined> {
  try {
    const newest = store.readStream(snapshotStream(stream), { direction: 'backwards', limit: 1 });
    for await (const event of newest) {
      const { machine, revision, state } = event.data as Messages['Snapshot'];
      if (machine === machineName(kind)) return { snapshot: restoreState(kind, state), revision };
    }
  } catch (error) {
    if (!isTandemError(error, 'store.stream-deleted')) throw error;
  }
  return undefined;
}

/** Stores the state of an actor as it is after the event at `revision`. */
export async function saveSnapshot(
  store: EventStore,
  kind: Kind,
  stream: string,
  snapshot: AnyMachineSnapshot,
  revision: number,
): Promise<void> {
  const data: Messages['Snapshot'] = {
    machine: machineName(kind),
    revision,
    state: serializeState(snapshot),
  };
  await store.append(snapshotStream(stream), 'any', [
    {
      id: randomUUID(),
      type: 'Snapshot',
      version: 1,
      time: Date.now(),
      region: '',
      cause: '',
      correlation: '',
      data,
    },
  ]);
}
