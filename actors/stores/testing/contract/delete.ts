import { describe, expect, it } from '@jest/globals';
import { createCollector } from '../collector.ts';
import { idsOf, listOf, testEvents } from '../events.ts';
import { type ContractSubject, failureOf } from './subject.ts';

/** Deleting a stream for good. */
export const deleteContract = (subject: ContractSubject): void => {
  const { freshStream, streamIds, positionNow, allAfter } = subject;

  describe('deleting', () => {
    it('ends a stream for reading, appending, subscribing and deleting', async () => {
      const stream = freshStream();
      const events = testEvents(2);
      await subject.store.append(stream, 'no-stream', events);
      await subject.store.delete(stream, 1);
      const attempts = [
        () => listOf(subject.store.readStream(stream)),
        () => listOf(subject.store.readStream(stream, { direction: 'backwards' })),
        () => subject.store.append(stream, 1, testEvents(1)),
        () => subject.store.append(stream, 'any', testEvents(1)),
        () => subject.store.append(stream, 'no-stream', events),
        () => subject.store.delete(stream, 'any'),
        () => subject.store.subscribeToStream(stream, 'start', () => {}).ended,
      ];
      for (const attempt of attempts) {
        expect(await failureOf(attempt())).toMatchObject({
          code: 'store.stream-deleted',
          params: { stream },
        });
      }
    });

    it('refuses at a wrong revision and leaves the stream as it is', async () => {
      const stream = freshStream();
      const events = testEvents(2);
      await subject.store.append(stream, 'no-stream', events);
      for (const expected of [0, 2, 'no-stream'] as const) {
        expect(await failureOf(subject.store.delete(stream, expected))).toMatchObject({
          code: 'store.wrong-revision',
          params: { stream, expected, actual: 1 },
        });
      }
      expect(await streamIds(stream)).toEqual(idsOf(events));
    });

    it('ends the subscriptions to the stream', async () => {
      const stream = freshStream();
      await subject.store.append(stream, 'no-stream', testEvents(1));
      const collector = createCollector();
      const subscription = subject.store.subscribeToStream(stream, 'start', collector.handler);
      const ended = failureOf(subscription.ended);
      await collector.count(1);
      await subject.store.delete(stream, 0);
      expect((await ended).code).toBe('store.stream-deleted');
    });

    it('leaves other streams and the order of all as they are', async () => {
      const before = await positionNow();
      const [gone, stays] = [freshStream(), freshStream()];
      await subject.store.append(stays, 'no-stream', testEvents(1));
      await subject.store.append(gone, 'no-stream', testEvents(2));
      await subject.store.delete(gone, 'any');
      const { position } = await subject.store.append(stays, 0, testEvents(2));
      const read = await allAfter(before, [stays]);
      expect(read.map((event) => event.revision)).toEqual([0, 1, 2]);
      expect(read.at(-1)?.position).toBe(position);
      expect(await allAfter(position, [gone, stays])).toEqual([]);
    });
  });
};
