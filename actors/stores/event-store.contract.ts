import { afterAll, beforeAll, describe } from '@jest/globals';
import type { EventStore } from './event-store.ts';
import { appendContract } from './testing/contract/append.ts';
import { appendAfterContract } from './testing/contract/append-after.ts';
import { appendAgainContract } from './testing/contract/append-again.ts';
import { appendAtOnceContract } from './testing/contract/append-at-once.ts';
import { closeContract } from './testing/contract/close.ts';
import { deleteContract } from './testing/contract/delete.ts';
import { readAllContract } from './testing/contract/read-all.ts';
import { readStreamContract } from './testing/contract/read-stream.ts';
import { contractSubject } from './testing/contract/subject.ts';
import { subscribeContract } from './testing/contract/subscribe.ts';

/**
 * What every event store does. `open` opens a store anew, on the same data or on none; the suite closes it.
 * The data may be shared with others, so each test has streams of its own and looks at those only.
 */
export const eventStoreContract = (name: string, open: () => Promise<EventStore>): void => {
  describe(`${name} as an event store`, () => {
    let store: EventStore;
    beforeAll(async () => {
      store = await open();
    });
    afterAll(() => store.close());

    const subject = contractSubject(open, () => store);
    appendContract(subject);
    appendAgainContract(subject);
    appendAtOnceContract(subject);
    appendAfterContract(subject);
    readStreamContract(subject);
    readAllContract(subject);
    subscribeContract(subject);
    deleteContract(subject);
    closeContract(subject);
  });
};
