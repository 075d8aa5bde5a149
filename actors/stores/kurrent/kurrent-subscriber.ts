import {
  BACKWARDS,
  END,
  type EventStoreDBClient,
  excludeSystemEvents,
  type Position as KurrentPosition,
  START,
  StreamNotFoundError,
} from '@eventstore/db-client';
import type { Position, RecordedEvent, SubscribeFrom } from '../event-store/index.ts';
import { parseKurrentPosition } from './kurrent-position.ts';
import { followKurrent, receive } from './kurrent-read.ts';

export interface KurrentSubscriberOptions {
  readonly client: EventStoreDBClient;
  readonly address: string;
  /** How long it may take to find where a stream ends, in ms. */
  readonly timeout: number;
  /** Longest pause before connecting again, in ms. */
  readonly maxPause: number;
}

type Source = (stopped: AbortSignal) => AsyncIterable<readonly RecordedEvent[]>;

export interface KurrentSubscriber {
  followAll(from: SubscribeFrom<Position>): Source;
  followStream(stream: string, from: SubscribeFrom<number>): Source;
  /** Settles once every "from now on" has a place; what is appended after that is not missed. */
  endsFound(): Promise<unknown> | undefined;
}

const BEFORE_ALL: KurrentPosition = { commit: -1n, prepare: -1n };
const BEFORE_STREAM = -1n;

export const createKurrentSubscriber = (options: KurrentSubscriberOptions): KurrentSubscriber => {
  const { client, address, timeout, maxPause } = options;
  const finding = new Set<Promise<unknown>>();

  /** Looks for the end at once, since events count from the call on, and anew only when that look failed. */
  const lookNow = <P>(find: (aborted: AbortSignal) => Promise<P>): (() => Promise<P>) => {
    const look = (): Promise<P> => find(AbortSignal.timeout(timeout));
    const first = look();
    const settled: Promise<unknown> = first.catch(() => {}).finally(() => finding.delete(settled));
    finding.add(settled);
    let next: Promise<P> | undefined = first;
    return () => {
      const found = next ?? look();
      next = undefined;
      return found;
    };
  };

  const endOfAll = async (aborted: AbortSignal): Promise<KurrentPosition> => {
    const last = client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 1 });
    for await (const { event } of receive(last, aborted)) if (event?.position) return event.position;
    return BEFORE_ALL;
  };

  const endOfStream = async (stream: string, aborted: AbortSignal): Promise<bigint> => {
    const last = client.readStream(stream, { direction: BACKWARDS, fromRevision: END, maxCount: 1 });
    try {
      for await (const { event } of receive(last, aborted)) if (event) return event.revision;
    } catch (error) {
      if (!(error instanceof StreamNotFoundError)) throw error;
    }
    return BEFORE_STREAM;
  };

  const startOf = <P, Q>(
    from: SubscribeFrom<P>,
    beginning: Q,
    parse: (after: P) => Q,
    find: (aborted: AbortSignal) => Promise<Q>,
  ): (() => Promise<Q>) => {
    if (from === 'end') return lookNow(find);
    const place = from === 'start' ? beginning : parse(from.after);
    return async () => place;
  };

  return {
    followAll: (from) => {
      const start = startOf(from, BEFORE_ALL, parseKurrentPosition, endOfAll);
      return (stopped) =>
        followKurrent({
          request: { address },
          start,
          open: (after) =>
            client.subscribeToAll({
              fromPosition: after.commit < 0n ? START : after,
              filter: excludeSystemEvents(),
            }),
          placeOf: (event) => parseKurrentPosition(event.position),
          stopped,
          maxPause,
        });
    },
    followStream: (stream, from) => {
      const start = startOf(from, BEFORE_STREAM, BigInt, (aborted) => endOfStream(stream, aborted));
      return (stopped) =>
        followKurrent({
          request: { address, stream },
          start,
          open: (after) => client.subscribeToStream(stream, { fromRevision: after < 0n ? START : after }),
          placeOf: (event) => BigInt(event.revision),
          stopped,
          maxPause,
        });
    },
    endsFound: () => (finding.size === 0 ? undefined : Promise.all(finding)),
  };
};
