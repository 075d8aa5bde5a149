import { randomUUID } from 'node:crypto';
import type { TandemError } from '../../../errors/tandem-error.ts';
import type { EventStore, RecordedEvent } from '../../event-store/event-store.ts';
import { idsOf, listOf, testEvent } from '../events.ts';

/** The store that the contract's tests look at, and short ways to do so. */
export interface ContractSubject {
  /** There from the suite's beforeAll on. */
  readonly store: EventStore;
  /** Opens one more store, which the test closes. */
  readonly open: () => Promise<EventStore>;
  readonly freshStream: () => string;
  readonly streamIds: (stream: string) => Promise<string[]>;
  /** Position before anything that is appended later. */
  readonly positionNow: () => Promise<string>;
  /** Events of some streams after a position. */
  readonly allAfter: (after: string, streams: readonly string[]) => Promise<RecordedEvent[]>;
}

export const contractSubject = (
  open: () => Promise<EventStore>,
  store: () => EventStore,
): ContractSubject => {
  const freshStream = (): string => `contract-${randomUUID()}`;
  return {
    get store() {
      return store();
    },
    open,
    freshStream,
    streamIds: async (stream) => idsOf(await listOf(store().readStream(stream))),
    positionNow: async () => {
      const { position } = await store().append(freshStream(), 'no-stream', [testEvent()]);
      return position;
    },
    allAfter: async (after, streams) =>
      (await listOf(store().readAll({ after }))).filter((event) => streams.includes(event.stream)),
  };
};

/** A promise that the test settles. */
export const deferred = () => Promise.withResolvers<void>();

/** The error of what should fail. */
export const failureOf = async (promise: Promise<unknown>): Promise<TandemError> =>
  promise.then(
    () => {
      throw new Error('this should have failed');
    },
    (error) => error,
  );
