import { EventStoreDBClient } from '@eventstore/db-client';
import { TandemError } from '../errors/tandem-error.ts';

/** A connection string without user name and password, as it may be shown. */
export const withoutCredentials = (connectionString: string): string =>
  connectionString.replace(/\/\/[^/]*@/, '//');

/** Hosts and ports of a connection string. */
export const addressOf = (connectionString: string): string =>
  /\/\/([^/?]+)/.exec(withoutCredentials(connectionString))?.[1] ?? '';

/** The client library knows the scheme `esdb` only; `kurrentdb` is the product's later name for the same. */
const inOldScheme = (connectionString: string): string =>
  connectionString.replace(/^kurrentdb(\+discover)?:/, 'esdb$1:');

/**
 * Makes a client, which connects when it is first used.
 *
 * @throws store.invalid-url
 */
export const connectKurrent = (connectionString: string): EventStoreDBClient => {
  try {
    return EventStoreDBClient.connectionString(inOldScheme(connectionString));
  } catch {
    // The library's error quotes the whole connection string, so it is not kept as the cause.
    throw new TandemError('store.invalid-url', { url: withoutCredentials(connectionString) });
  }
};

/** Ends a client's calls and closes its connection, for which the library has no call of its own. */
export const disconnectKurrent = async (client: EventStoreDBClient): Promise<void> => {
  await client.dispose();
  const { getChannel } = client as unknown as { getChannel(): Promise<{ close(): void }> };
  const channel = await getChannel().catch(() => undefined);
  channel?.close();
};
