import { isTandemError } from '../errors/index.ts';
import { snapshotStream } from '../runtime/index.ts';
import type { EventStore, RecordedEvent } from '../stores/event-store/index.ts';

/** Whether deleting the stream of an event, and its snapshots, would take a store's last event away. */
export const isKeptFor = ({ stream }: RecordedEvent, last: RecordedEvent | undefined): boolean =>
  last !== undefined && (last.stream === stream || last.stream === snapshotStream(stream));

/**
 * Deletes the stream of an actor that has ended, and before it the one of its snapshots: an actor needs no snapshot, but
 * after a crash nobody would look for a snapshot without its actor.
 *
 * @returns whether there was anything
 * @throws store.*
 */
export async function deleteActor(store: EventStore, stream: string): Promise<boolean> {
  await deleteStream(store, snapshotStream(stream));
  return deleteStream(store, stream);
}

async function deleteStream(store: EventStore, stream: string): Promise<boolean> {
  try {
    // What never was needs no mark that it is gone.
    for await (const _ of store.readStream(stream, { limit: 1 })) {
      await store.delete(stream, 'any');
      return true;
    }
    return false;
  } catch (error) {
    if (isTandemError(error, 'store.stream-deleted')) return false;
    throw error;
  }
}
