import { eventStoreLog, startStoreServer } from '@tandem/actors/stores/server';
import { openSqliteEventStore } from '@tandem/actors/stores/sqlite';
import { parseHostPort } from '../addresses/index.ts';
import type { Log } from '../log/index.ts';
import { endWhenBroken } from '../process/index.ts';

/** Serves an event store in a file. @throws store.unavailable, store.listen-failed */
export async function runStore(file: string, listen: string, log: Log): Promise<{ close(): Promise<void> }> {
  await using opening = new AsyncDisposableStack();
  const store = openSqliteEventStore({ file, onBroken: endWhenBroken(log) });
  opening.defer(() => store.close());
  const { host, port } = parseHostPort(listen)!;
  const server = await startStoreServer({
    log: eventStoreLog(store),
    host,
    port,
    onError: (error) => log.error({ err: error }, 'the store could not answer'),
  });
  opening.defer(() => server.close());
  log.info({ file, store: server.connectionString }, 'store runs');
  const running = opening.move();
  return { close: () => running.disposeAsync() };
}
