import { type StoreServer, type StoreServerOptions, startStoreServer } from '../server/store-server.ts';
import { createKurrentTestLog } from './kurrent-test-log.ts';

/**
 * The store server with what EventStoreDB keeps by its documentation, for where no real one is at hand; `stop` breaks
 * every connection at once.
 */
export async function startKurrentTestServer(
  options: Partial<StoreServerOptions> = {},
): Promise<StoreServer & { stop(): void }> {
  const server = await startStoreServer({ log: createKurrentTestLog(), ...options });
  return { ...server, stop: server.kill };
}
