import { afterAll, beforeAll, describe } from '@jest/globals';
import type { EventStore } from '../event-store/event-store.ts';
import { appendContract } from './contract/append.ts';
import { appendAfterContract } from './contract/append-after.ts';
import { appendAgainContract } from './contract/append-again.ts';
import { appendAtOnceContract } from './contract/append-at-once.ts';
import { closeContract } from './contract/close.ts';
import { deleteContract } from './contract/delete.ts';
import { readAllContract } from './contract/read-all.ts';
import { readStreamContract } from './contract/read-stream.ts';
import { contractSubject } from './contract/subject.ts';
import { subscribeContract } from './contract/subscribe.ts';

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
