import { setTimeout as pause } from 'node:timers/promises';
import { type Proposed, type ServedLog, ServerFault } from '../server/served-log.ts';

/** What EventStoreDB does beside what its documentation says; seen on version 23.10. */
export interface KurrentHabits {
  /** Milliseconds after which it says, without a word, that an append was not done; 2,000 unless given. */
  readonly writeTimeout?: number | undefined;
  /** Whether the caller has no right to read `$all`, as all who are no administrators. */
  readonly deniesAll?: boolean | undefined;
}

const sameAppend = (stream: string, events: readonly Proposed[]): string =>
  `${stream} ${events.map(({ id }) => id).join()}`;

/**
 * A log as EventStoreDB serves it: an append is on its way for a moment, and the same append that comes in that moment is
 * not answered, until the time for a write is over.
 */
export function asWrittenByKurrent(log: ServedLog, habits: KurrentHabits = {}): ServedLog {
  const { writeTimeout = 2000, deniesAll = false } = habits;
  const onTheirWay = new Set<string>();
  const checkRight = (stream: string | undefined): void => {
    if (deniesAll && stream === undefined) throw new ServerFault('access-denied');
  };
  return {
    ...log,
    async append(stream, expected, events) {
      const own = sameAppend(stream, events);
      if (onTheirWay.has(own)) {
        await pause(writeTimeout, undefined, { ref: false });
        throw new ServerFault('timeout');
      }
      onTheirWay.add(own);
      try {
        await new Promise(setImmediate);
        return await log.append(stream, expected, events);
      } finally {
        onTheirWay.delete(own);
      }
    },
    read(query) {
      checkRight(query.stream);
      return log.read(query);
    },
    follow(query, handler, caughtUp) {
      checkRight(query.stream);
      return log.follow(query, handler, caughtUp);
    },
  };
}
