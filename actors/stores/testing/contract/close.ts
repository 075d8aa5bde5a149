import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { listOf, testEvents } from '../events.ts';
import { type ContractSubject, deferred, failureOf } from './subject.ts';

/** Closing a store. */
export const closeContract = (subject: ContractSubject): void => {
  const { freshStream, open } = subject;

  describe('closing', () => {
    it('waits for appends under way, ends subscriptions, and refuses what comes later', async () => {
      const closing = await open();
      const stream = freshStream();
      const subscription = closing.subscribeToAll('end', () => {});
      const appends = Array.from({ length: 5 }, () => closing.append(stream, 'any', testEvents(1)));
      await closing.close();
      expect((await Promise.all(appends)).map(({ revision }) => revision).sort()).toEqual([0, 1, 2, 3, 4]);
      await subscription.ended;
      for (const late of [
        () => closing.append(stream, 'any', testEvents(1)),
        () => closing.delete(stream, 'any'),
        () => listOf(closing.readStream(stream)),
        () => listOf(closing.readAll()),
        async () => closing.subscribeToAll('start', () => {}).ended,
        async () => closing.subscribeToStream(stream, 'start', () => {}).ended,
      ]) {
        expect((await failureOf(late())).code).toBe('store.closed');
      }
      await closing.close();
    });

    it('waits for the handler that runs', async () => {
      const closing = await open();
      const stream = freshStream();
      const [entered, release] = [deferred(), deferred()];
      let handled = false;
      closing.subscribeToStream(stream, 'start', async () => {
        entered.resolve();
        await release.promise;
        handled = true;
      });
      await closing.append(stream, 'no-stream', testEvents(1));
      await entered.promise;
      const closed = closing.close().then(() => handled);
      await nextTurn();
      release.resolve();
      expect(await closed).toBe(true);
    });
  });
};
