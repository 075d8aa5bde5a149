import type { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { EventStoreDBClient } from '@eventstore/db-client';
import { TandemError } from '../../errors/index.ts';

/** A connection string without user name and password, as it may be shown. */
export const withoutCredentials = (connectionString: string): string =>
  connectionString.replace(/\/\/[^/]*@/, '//');

/** Hosts and ports of a connection string. */
export const addressOf = (connectionString: string): string =>
  /\/\/([^/?]+)/.exec(withoutCredentials(connectionString))?.[1] ?? '';

/** The client library knows the scheme `esdb` only; `kurrentdb` is the product's later name for the same. */
const inOldScheme = (connectionString: string): string =>
  connectionString.replace(/^kurrentdb(\+discover)?:/, 'esdb$1:');

export interface KurrentConnection {
  readonly client: EventStoreDBClient;
  /** Ends the client's calls and closes its channel. */
  close(): Promise<void>;
  /** The same, for one whose appends are made again elsewhere: they are left unanswered. */
  abandon(): Promise<void>;
}

/** Milliseconds. The library waits for ends of calls, of which some never come once a reader has left. */
const PATIENCE = 1000;

interface Channel {
  close(): void;
}

/**
 * The library keeps the appends of all clients of a process in one list, and takes an error of one client's call for an
 * end of them all; the answers that come to the others then find nobody, which ends the process. So a call that is to
 * end must not say so.
 */
const silence = (client: EventStoreDBClient): void => {
  const { disposableStreams } = client as unknown as { disposableStreams: ReadonlySet<EventEmitter> };
  for (const stream of disposableStreams) stream.removeAllListeners('error').on('error', () => {});
};

/**
 * Keeps hold of the channel that a client has made last, and gives a function that closes it: the library has
 * none. To ask the client for its channel would make one, which for a cluster can take minutes.
 */
const holdChannel = (client: EventStoreDBClient): (() => void) => {
  const inside = client as unknown as { createChannel(): Promise<Channel> };
  const { createChannel } = inside;
  let channel: Channel | undefined;
  let closed = false;
  inside.createChannel = async () => {
    channel = await createChannel();
    if (closed) channel.close();
    return channel;
  };
  return () => {
    closed = true;
    channel?.close();
  };
};

/** Options of a connection string that name files. */
const FILES = ['tlsCAFile', 'userCertFile', 'userKeyFile'] as const;

/** The library does not say which file it could not read. @throws store.unreadable-file */
const checkFiles = (connectionString: string): void => {
  const options = new URLSearchParams(/\?(.*)$/.exec(connectionString)?.[1] ?? '');
  for (const option of FILES) {
    const file = options.get(option);
    if (file === null) continue;
    try {
      readFileSync(file);
    } catch (error) {
      const detail = (error as NodeJS.ErrnoException).code ?? String(error);
      throw new TandemError('store.unreadable-file', { option, file, detail }, { cause: error });
    }
  }
};

/**
 * Makes a client, which connects when it is first used.
 *
 * @throws store.invalid-url, store.unreadable-file
 */
export const connectKurrent = (connectionString: string): KurrentConnection => {
  checkFiles(connectionString);
  let client: EventStoreDBClient;
  try {
    client = EventStoreDBClient.connectionString(inOldScheme(connectionString));
  } catch {
    // The library's error quotes the whole connection string, so it is not kept as the cause.
    throw new TandemError('store.invalid-url', { url: withoutCredentials(connectionString) });
  }
  const closeChannel = holdChannel(client);
  const close = async (): Promise<void> => {
    const patience = Promise.withResolvers<void>();
    const timer = setTimeout(patience.resolve, PATIENCE);
    await Promise.race([client.dispose(), patience.promise]);
    clearTimeout(timer);
    closeChannel();
  };
  return {
    client,
    close,
    abandon() {
      silence(client);
      return close();
    },
  };
};
