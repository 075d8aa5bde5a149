import type { EventStore, RecordedEvent } from '@tandem/actors/stores/event-store';
import { openEventStore } from '@tandem/actors/stores/open';

/** Reads a store while a process writes it: a SQLite file, or what a URL names. */
export async function readStore<T>(where: string, read: (store: EventStore) => Promise<T>): Promise<T> {
  const store = await openEventStore(where.includes('://') ? where : `sqlite:${where}`, { readOnly: true });
  try {
    return await read(store);
  } finally {
    await store.close();
  }
}

export const readAll = (where: string): Promise<RecordedEvent[]> =>
  readStore(where, (store) => Array.fromAsync(store.readAll()));
