import { setTimeout as pause } from 'node:timers/promises';
import { ANY, type EventStoreDBClient, NO_STREAM, StreamDeletedError } from '@eventstore/db-client';
import { isTandemError } from '../../errors/index.ts';
import type { Appended, ExpectedRevision, NewEvent } from '../event-store/index.ts';
import { connectKurrent, type KurrentConnection } from './kurrent-connection.ts';
import { answeredWithin } from './kurrent-deadline.ts';
import { asStoreError, kurrentUnavailable, mayBeTriedAgain } from './kurrent-errors.ts';
import { toKurrentEvent } from './kurrent-events.ts';
import { formatKurrentPosition } from './kurrent-position.ts';

export interface KurrentWriterOptions {
  readonly connectionString: string;
  readonly address: string;
  /** How long an append or delete is attempted, in ms. */
  readonly timeout: number;
  /** How long one attempt waits for its answer, in ms. */
  readonly attempt: number;
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

/** Milliseconds from an attempt that failed to the next. */
const ATTEMPTS_APART = 50;
/** Milliseconds that an attempt waits longer for each event. */
const EACH_EVENT = 5;
/** Attempts after which each waits twice as long as the one before: the server may be there, and slow. */
const QUICK_ATTEMPTS = 3;

interface Asked {
  /** Settles before it is attempted. */
  readonly ready?: Promise<unknown> | undefined;
  /** Events. */
  readonly count: number;
}

interface Line {
  readonly connection: KurrentConnection;
  /** Attempts on it that wait for their answers. */
  underWay: number;
  /** Whether another one has taken its place. */
  replaced: boolean;
}

/**
 * Appends and deletes over a connection of their own, so that long reads do not hold them up.
 *
 * A cluster that is electing a leader, a node that is none any more, or one that has just lost its own may take an append
 * and never answer it, or answer seconds later that it could not. So each attempt waits a while only; then the same is
 * asked again under the same ids, over a connection that looks for the leader anew, until the time for it is over. What
 * the server refuses is refused.
 */
export const createKurrentWriter = (options: KurrentWriterOptions): KurrentWriter => {
  const { connectionString, address, timeout, attempt, positionOf } = options;
  const underWay = new Set<Promise<unknown>>();
  const open = (): Line => ({
    connection: connectKurrent(connectionString),
    underWay: 0,
    replaced: false,
  });
  let line = open();

  /** Others may still be answered on the connection that failed for one. */
  const leave = (used: Line): void => {
    if (used.replaced && used.underWay === 0) void used.connection.abandon();
  };

  const renew = (used: Line): void => {
    if (line !== used) return;
    used.replaced = true;
    line = open();
    leave(used);
  };

  const once = async <T>(within: number, call: (client: EventStoreDBClient) => Promise<T>): Promise<T> => {
    const used = line;
    used.underWay += 1;
    try {
      return await answeredWithin(within, address, call(used.connection.client));
    } catch (error) {
      if (mayBeTriedAgain(error)) renew(used);
      throw error;
    } finally {
      used.underWay -= 1;
      leave(used);
    }
  };

  const untilAnswered = async <T>(
    { ready, count }: Asked,
    call: (client: EventStoreDBClient, again: boolean) => Promise<T>,
  ): Promise<T> => {
    await ready;
    const end = performance.now() + timeout;
    for (let tried = 0; ; tried++) {
      const patience = (attempt + EACH_EVENT * count) * 2 ** Math.max(0, tried - QUICK_ATTEMPTS + 1);
      const left = Math.ceil(end - performance.now());
      try {
        return await once(Math.min(patience, left), (client) => call(client, tried > 0));
      } catch (error) {
        if (!mayBeTriedAgain(error)) throw error;
        if (end - performance.now() > ATTEMPTS_APART) await pause(ATTEMPTS_APART);
        else if (tried > 0 && isTandemError(error, 'store.unavailable'))
          throw kurrentUnavailable(
            address,
            `it did not answer ${tried + 1} attempts in ${timeout} ms`,
            error,
          );
        else throw error;
      }
    }
  };

  const request = async <T>(
    stream: string,
    expected: ExpectedRevision,
    asked: Asked,
    call: (client: EventStoreDBClient, again: boolean) => Promise<T>,
  ): Promise<T> => {
    const answer = untilAnswered(asked, call);
    underWay.add(answer);
    try {
      return await answer;
    } catch (error) {
      throw asStoreError(error, { address, stream, expected });
    } finally {
      underWay.delete(answer);
    }
  };

  return {
    append: async (stream, expected, events, ready) => {
      const proposed = events.map(toKurrentEvent);
      const result = await request(stream, expected, { ready, count: events.length }, (client) =>
        client.appendToStream(stream, proposed, { expectedRevision: expectedRevision(expected) }),
      );
      const revision = Number(result.nextExpectedRevision);
      const position = result.position
        ? formatKurrentPosition(result.position)
        : await positionOf(stream, revision);
      return { revision, position };
    },
    delete: async (stream, expected) => {
      await request(stream, expected, { count: 1 }, async (client, again) => {
        try {
          await client.tombstoneStream(stream, { expectedRevision: expectedRevision(expected) });
        } catch (error) {
          // The attempt that was not heard of has deleted it.
          if (!again || !(error instanceof StreamDeletedError)) throw error;
        }
      });
    },
    close: async () => {
      await Promise.allSettled(underWay);
      await line.connection.close();
    },
  };
};
