import { TandemError } from '../../errors/index.ts';
import type { EventStore } from '../event-store/index.ts';
import { openSqliteEventStore, type SqliteEventStoreOptions } from '../sqlite/index.ts';

export interface OpenEventStoreOptions {
  /** As for a store in a file; a cluster tells its client when it cannot store, and is asked again. */
  readonly onBroken?: SqliteEventStoreOptions['onBroken'];
  /** Of a file: nothing is written, and another process may write meanwhile. */
  readonly readOnly?: boolean;
}

/**
 * Opens the event store that a URL names: `sqlite:/path/to/file.db`, `sqlite::memory:`, or an EventStoreDB or
 * KurrentDB connection string (`esdb://…`, `esdb+discover://…`, `kurrentdb://…`, `kurrentdb+discover://…`).
 *
 * @throws store.invalid-url, store.unavailable
 */
export async function openEventStore(
  url: string,
  { onBroken, readOnly }: OpenEventStoreOptions = {},
): Promise<EventStore> {
  const [, scheme = '', rest = ''] = /^([a-z]+)(?:\+discover)?:(.+)$/.exec(url) ?? [];
  if (scheme === 'sqlite' && rest !== '' && !rest.startsWith('//'))
    return openSqliteEventStore({ file: rest, onBroken, readOnly });
  // The client library of a cluster is loaded by whoever has one.
  const { openKurrentEventStore, withoutCredentials } = await import('../kurrent/index.ts');
  if ((scheme === 'esdb' || scheme === 'kurrentdb') && rest.startsWith('//'))
    return openKurrentEventStore({ connectionString: url });
  throw new TandemError('store.invalid-url', { url: withoutCredentials(url) });
}
