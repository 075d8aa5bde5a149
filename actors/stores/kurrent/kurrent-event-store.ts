import { BACKWARDS, END, FORWARDS, START } from '@eventstore/db-client';
import { TandemError } from '../../errors/index.ts';
import type { EventStore, Subscription } from '../event-store/index.ts';
import { checkAppend, dataAsJson, runSubscription } from '../event-store/index.ts';
import { addressOf, connectKurrent } from './kurrent-connection.ts';
import { kurrentUnavailable } from './kurrent-errors.ts';
import { isBehind, parseKurrentPosition } from './kurrent-position.ts';
import { readKurrent } from './kurrent-read.ts';
import { createKurrentSubscriber } from './kurrent-subscriber.ts';
import { createKurrentWriter } from './kurrent-writer.ts';

export interface KurrentEventStoreOptions {
  /** `esdb://user:password@host:2113?tls=true`, `esdb+discover://…`, or the same with `kurrentdb`. */
  readonly connectionString: string;
  /** How long an append is attempted, in ms; the default is 10,000. */
  readonly timeout?: number;
  /** How long one attempt waits for the server's answer, in ms; the default is 1,000. */
  readonly attempt?: number;
  /** Longest pause before a subscription connects again, in ms; the default is 5,000. */
  readonly maxPause?: number;
}

/**
 * An event store in EventStoreDB (from 22.6, which says positions in stream reads) or KurrentDB. It connects
 * when it is first used. Many appends may be under way at once; those to one stream are told apart by the
 * revisions that they expect.
 *
 * @throws store.invalid-url
 */
export const openKurrentEventStore = (options: KurrentEventStoreOptions): EventStore => {
  const { connectionString, timeout = 10_000, attempt = 1_000, maxPause = 5_000 } = options;
  const address = addressOf(connectionString);
  const { client, close: disconnect } = connectKurrent(connectionString);
  const running = new Set<Subscription>();
  const reading = new AbortController();
  let closing: Promise<void> | undefined;

  const checkOpen = (): void => {
    if (closing !== undefined) throw new TandemError('store.closed', { store: 'Kurrent' });
  };

  const readStream: EventStore['readStream'] = (stream, { from, direction = 'forwards', limit } = {}) => {
    const forwards = direction === 'forwards';
    const first = from === undefined ? (forwards ? START : END) : BigInt(from);
    return readKurrent({
      request: { address, stream },
      open(last, count) {
        const next = last?.event && last.event.revision + (forwards ? 1n : -1n);
        if (next === -1n) return undefined;
        return client.readStream(stream, {
          direction: forwards ? FORWARDS : BACKWARDS,
          fromRevision: next ?? first,
          maxCount: count,
        });
      },
      wanted: () => true,
      limit: limit ?? Number.POSITIVE_INFINITY,
      aborted: reading.signal,
    });
  };

  const readAll: EventStore['readAll'] = ({ after, direction = 'forwards', limit } = {}) => {
    const forwards = direction === 'forwards';
    const first = after === undefined ? undefined : parseKurrentPosition(after);
    return readKurrent({
      request: { address },
      open: (last, count) =>
        client.readAll({
          direction: forwards ? FORWARDS : BACKWARDS,
          fromPosition: last?.event?.position ?? first ?? (forwards ? START : END),
          maxCount: count,
        }),
      wanted(event, last) {
        const place = last?.event?.position ?? first;
        if (place === undefined) return true;
        const position = parseKurrentPosition(event.position);
        return forwards ? isBehind(place, position) : isBehind(position, place);
      },
      limit: limit ?? Number.POSITIVE_INFINITY,
      aborted: reading.signal,
    });
  };

  const positionOf = async (stream: string, revision: number): Promise<string> => {
    for await (const event of readStream(stream, { from: revision, limit: 1 })) return event.position;
    throw kurrentUnavailable(address, `event ${revision} of ${stream} was stored but cannot be read`);
  };

  const writer = createKurrentWriter({ connectionString, address, timeout, attempt, positionOf });

  const subscriber = createKurrentSubscriber({ client, address, timeout, maxPause });

  const shutDown = async (): Promise<void> => {
    const stopping = [...running].map((subscription) => subscription.stop());
    await Promise.all([writer.close(), ...stopping]);
    reading.abort(new TandemError('store.closed', { store: 'Kurrent' }));
    await disconnect();
  };

  return {
    append: async (stream, expected, events, { after } = {}) => {
      checkOpen();
      // It stores each append by itself; so what this one follows from has to be there.
      if (after !== undefined) await allStored(after);
      checkAppend(stream, expected, events);
      // The library would leave an append of what has no JSON form unsettled.
      dataAsJson(stream, events);
      return writer.append(stream, expected, events, subscriber.endsFound());
    },
    readStream,
    readAll,
    subscribeToAll: (from, handler) => {
      checkOpen();
      return runSubscription(running, subscriber.followAll(from), handler);
    },
    subscribeToStream: (stream, from, handler) => {
      checkOpen();
      return runSubscription(running, subscriber.followStream(stream, from), handler);
    },
    delete: async (stream, expected) => {
      checkOpen();
      return writer.delete(stream, expected);
    },
    close: () => {
      closing ??= shutDown();
      return closing;
    },
  };
};

/** @throws store.not-preceded */
async function allStored(appends: readonly Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(appends);
  if (results.some(({ status }) => status === 'rejected')) throw new TandemError('store.not-preceded', {});
}
