import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { createCollector } from '../collector.ts';
import { idsOf, listOf, testEvent, testEvents } from '../events.ts';
import { type ContractSubject, deferred, failureOf } from './subject.ts';

/** Subscriptions: what was there and what comes, once each and in order. */
export const subscribeContract = (subject: ContractSubject): void => {
  const { freshStream, streamIds, positionNow, allAfter } = subject;

  describe('subscribing', () => {
    it('to all gives what is there, then what comes, once and in order', async () => {
      const before = await positionNow();
      const streams = Array.from({ length: 5 }, freshStream);
      const collector = createCollector((event) => streams.includes(event.stream));
      const write = async (stream: string): Promise<void> => {
        for (let i = 0; i < 40; i += 1)
          await subject.store.append(stream, i === 0 ? 'no-stream' : i * 2 - 1, testEvents(2));
      };
      const writing = streams.map(write);
      await nextTurn();
      const subscription = subject.store.subscribeToAll({ after: before }, collector.handler);
      await Promise.all(writing);
      const last = testEvent();
      await subject.store.append(streams[0]!, 79, [last]);
      await collector.event(last.id);
      await subscription.stop();
      await subscription.ended;
      expect(collector.events).toEqual(await allAfter(before, streams));
      expect(collector.events).toHaveLength(401);
    });

    it('to a stream gives what is there, then what comes, once and in order', async () => {
      const [stream, other] = [freshStream(), freshStream()];
      await subject.store.append(stream, 'no-stream', testEvents(600));
      const collector = createCollector();
      const subscription = subject.store.subscribeToStream(stream, 'start', collector.handler);
      for (let i = 0; i < 30; i += 1) {
        await subject.store.append(other, 'any', testEvents(1));
        await subject.store.append(stream, 599 + i, testEvents(1));
      }
      await collector.count(630);
      await subscription.stop();
      expect(collector.events).toEqual(await listOf(subject.store.readStream(stream)));
    });

    it('to a stream after a revision leaves out those before', async () => {
      const stream = freshStream();
      await subject.store.append(stream, 'no-stream', testEvents(4));
      const collector = createCollector();
      const subscription = subject.store.subscribeToStream(stream, { after: 1 }, collector.handler);
      await collector.count(2);
      await subject.store.append(stream, 3, testEvents(1));
      await collector.count(3);
      await subscription.stop();
      expect(collector.events.map((event) => event.revision)).toEqual([2, 3, 4]);
    });

    it('to a stream that does not exist waits for it', async () => {
      const stream = freshStream();
      const collector = createCollector();
      const subscription = subject.store.subscribeToStream(stream, 'start', collector.handler);
      await nextTurn();
      await subject.store.append(stream, 'no-stream', testEvents(2));
      await collector.count(2);
      await subscription.stop();
    });

    it('from the end gives only what comes', async () => {
      const stream = freshStream();
      await subject.store.append(stream, 'no-stream', testEvents(3));
      const ofAll = createCollector((event) => event.stream === stream);
      const ofStream = createCollector();
      const subscriptions = [
        subject.store.subscribeToAll('end', ofAll.handler),
        subject.store.subscribeToStream(stream, 'end', ofStream.handler),
      ];
      const events = testEvents(3);
      await subject.store.append(stream, 2, events);
      await Promise.all([ofAll.count(3), ofStream.count(3)]);
      await Promise.all(subscriptions.map((subscription) => subscription.stop()));
      expect(idsOf(ofAll.events)).toEqual(idsOf(events));
      expect(idsOf(ofStream.events)).toEqual(idsOf(events));
    });

    it('waits for a slow handler and then gives all that came meanwhile', async () => {
      const stream = freshStream();
      const release = deferred();
      const collector = createCollector();
      let running = 0;
      let most = 0;
      const subscription = subject.store.subscribeToStream(stream, 'start', async (event) => {
        running += 1;
        most = Math.max(most, running);
        await release.promise;
        running -= 1;
        collector.handler(event);
      });
      for (let i = 0; i < 4; i += 1) await subject.store.append(stream, 'any', testEvents(500));
      release.resolve();
      await collector.count(2000);
      await subscription.stop();
      expect(most).toBe(1);
      expect(idsOf(collector.events)).toEqual(await streamIds(stream));
    });

    it.each(['throws', 'rejects'])('ends with the error of a handler that %s', async (how) => {
      const stream = freshStream();
      const error = new Error('the handler cannot go on');
      let calls = 0;
      const subscription = subject.store.subscribeToStream(stream, 'start', () => {
        calls += 1;
        if (how === 'throws') throw error;
        return Promise.reject(error);
      });
      const ended = failureOf(subscription.ended);
      await subject.store.append(stream, 'no-stream', testEvents(3));
      expect(await ended).toBe(error);
      await subscription.stop();
      expect(calls).toBe(1);
    });

    it('stops once the handler that runs has settled, and calls none after that', async () => {
      const stream = freshStream();
      const [entered, release] = [deferred(), deferred()];
      let calls = 0;
      const subscription = subject.store.subscribeToStream(stream, 'start', () => {
        calls += 1;
        entered.resolve();
        return release.promise;
      });
      await subject.store.append(stream, 'no-stream', testEvents(2));
      await entered.promise;
      let stopped = false;
      const stopping = subscription.stop().then(() => {
        stopped = true;
      });
      const witness = createCollector();
      const watching = subject.store.subscribeToStream(stream, 'start', witness.handler);
      await witness.count(2);
      expect(stopped).toBe(false);
      release.resolve();
      await stopping;
      await subscription.ended;
      await subject.store.append(stream, 1, testEvents(1));
      await witness.count(3);
      await watching.stop();
      expect(calls).toBe(1);
    });

    it('lets subscriptions go at their own pace', async () => {
      const stream = freshStream();
      const never = deferred();
      const stuck = subject.store.subscribeToStream(stream, 'start', () => never.promise);
      const collector = createCollector();
      const lively = subject.store.subscribeToStream(stream, 'start', collector.handler);
      await subject.store.append(stream, 'no-stream', testEvents(10));
      await collector.count(10);
      never.resolve();
      await Promise.all([stuck.stop(), lively.stop()]);
    });
  });
};
