import type { EventStore, RecordedEvent } from '@tandem/actors/stores/event-store.ts';
import { openSqliteEventStore } from '@tandem/actors/stores/sqlite-event-store.ts';

/** Reads a store while a process writes it. */
export async function readStore<T>(file: string, read: (store: EventStore) => Promise<T>): Promise<T> {
  const store = openSqliteEventStore({ file, readOnly: true });
  try {
    return await read(store);
  } finally {
    await store.close();
  }
}

export const readAll = (file: string): Promise<RecordedEvent[]> =>
  readStore(file, (store) => Array.fromAsync(store.readAll()));
