import { ANY, type EventStoreDBClient, NO_STREAM } from '@eventstore/db-client';
import type { Appended, ExpectedRevision, NewEvent } from './event-store.ts';
import { connectKurrent, type KurrentConnection } from './kurrent-connection.ts';
import { answeredWithin } from './kurrent-deadline.ts';
import { asStoreError, isDiscoveryFailure } from './kurrent-errors.ts';
import { toKurrentEvent } from './kurrent-events.ts';
import { formatKurrentPosition } from './kurrent-position.ts';

export interface KurrentWriterOptions {
  readonly connectionString: string;
  readonly address: string;
  /** How long an append or delete waits for its answer, in ms. */
  readonly timeout: number;
  /** Position of an event that the server holds. */
  readonly positionOf: (stream: string, revision: number) => Promise<string>;
}

export interface KurrentWriter {
  /** Appends once `ready` is settled. */
  append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly NewEvent[],
    ready: Promise<unknown> | undefined,
  ): Promise<Appended>;
  delete(stream: string, expected: ExpectedRevision): Promise<void>;
  /** Waits for what is under way and closes the connection. */
  close(): Promise<void>;
}

const expectedRevision = (expected: ExpectedRevision) => {
  if (expected === 'any') return ANY;
  return expected === 'no-stream' ? NO_STREAM : BigInt(expected);
};

/** Appends and deletes over a connection of their own, so that long reads do not hold them up. */
export const createKurrentWriter = (options: KurrentWriterOptions): KurrentWriter => {
  const { connectionString, address, timeout, positionOf } = options;
  const underWay = new Set<Promise<unknown>>();
  let connection = connectKurrent(connectionString);

  // The library never asks again what the server can do once discovery has failed, so it gets a new client.
  const renewAfter = (error: unknown, used: KurrentConnection): void => {
    if (!isDiscoveryFailure(error) || connection !== used) return;
    connection = connectKurrent(connectionString);
    void used.close();
  };

  const request = async <T>(
    stream: string,
    expected: ExpectedRevision,
    call: (client: EventStoreDBClient) => Promise<T>,
  ): Promise<T> => {
    const used = connection;
    const answer = answeredWithin(timeout, address, call(used.client));
    underWay.add(answer);
    try {
      return await answer;
    } catch (error) {
      renewAfter(error, used);
      throw asStoreError(error, { address, stream, expected });
    } finally {
      underWay.delete(answer);
    }
  };

  return {
    append: async (stream, expected, events, ready) => {
      const proposed = events.map(toKurrentEvent);
      const result = await request(stream, expected, async (client) => {
        await ready;
        return client.appendToStream(stream, proposed, { expectedRevision: expectedRevision(expected) });
      });
      const revision = Number(result.nextExpectedRevision);
      const position = result.position
        ? formatKurrentPosition(result.position)
        : await positionOf(stream, revision);
      return { revision, position };
    },
    delete: async (stream, expected) => {
      await request(stream, expected, (client) =>
        client.tombstoneStream(stream, { expectedRevision: expectedRevision(expected) }),
      );
    },
    close: async () => {
      await Promise.allSettled(underWay);
      await connection.close();
    },
  };
};
