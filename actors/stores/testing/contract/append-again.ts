import { describe, expect, it } from '@jest/globals';
import type { ExpectedRevision } from '../../event-store/event-store.ts';
import { idsOf, testEvent, testEvents } from '../events.ts';
import { type ContractSubject, failureOf } from './subject.ts';

/** An append that is made again changes nothing. */
export const appendAgainContract = (subject: ContractSubject): void => {
  const { freshStream, streamIds } = subject;

  describe('appending again', () => {
    it.each<[string, number, ExpectedRevision]>([
      ['to a new stream', 0, 'no-stream'],
      ['after a revision', 2, 1],
      ['anywhere', 2, 'any'],
    ])('%s answers the same and stores nothing', async (_, held, expected) => {
      const stream = freshStream();
      const before = testEvents(held);
      if (held > 0) await subject.store.append(stream, 'no-stream', before);
      const events = testEvents(3);
      const first = await subject.store.append(stream, expected, events);
      expect(await subject.store.append(stream, expected, events)).toEqual(first);
      const later = testEvents(1);
      await subject.store.append(stream, first.revision, later);
      expect(await subject.store.append(stream, expected, events)).toEqual(first);
      expect(await streamIds(stream)).toEqual(idsOf([...before, ...events, ...later]));
    });

    it('at once is one append', async () => {
      const stream = freshStream();
      const events = testEvents(2);
      const answers = await Promise.all([
        subject.store.append(stream, 'no-stream', events),
        subject.store.append(stream, 'no-stream', events),
      ]);
      expect(answers[0]).toEqual(answers[1]);
      expect(await streamIds(stream)).toEqual(idsOf(events));
    });

    it('only the first of the events is taken as done', async () => {
      const stream = freshStream();
      const events = testEvents(3);
      const first = await subject.store.append(stream, 'no-stream', events);
      const again = await subject.store.append(stream, 'no-stream', events.slice(0, 2));
      expect(again.revision).toBe(1);
      expect(first.revision).toBe(2);
      expect(await streamIds(stream)).toEqual(idsOf(events));
    });

    it.each<ExpectedRevision>(['no-stream', 'any'])('with more events is refused (%s)', async (expected) => {
      const stream = freshStream();
      const events = testEvents(2);
      await subject.store.append(stream, expected, events);
      const failure = await failureOf(subject.store.append(stream, expected, [...events, testEvent()]));
      expect(failure.code).toBe('store.wrong-revision');
      expect(await streamIds(stream)).toEqual(idsOf(events));
    });

    it('with other events in part is refused', async () => {
      const stream = freshStream();
      const events = testEvents(3);
      await subject.store.append(stream, 'no-stream', events);
      const mixed = [events[0]!, testEvent(), events[2]!];
      expect((await failureOf(subject.store.append(stream, 'no-stream', mixed))).code).toBe(
        'store.wrong-revision',
      );
      expect(await streamIds(stream)).toEqual(idsOf(events));
    });

    it('an id of another stream is an event of its own', async () => {
      const [one, two] = [freshStream(), freshStream()];
      const events = testEvents(2);
      for (const stream of [one, two]) await subject.store.append(stream, 'any', events);
      expect(await streamIds(one)).toEqual(idsOf(events));
      expect(await streamIds(two)).toEqual(idsOf(events));
    });
  });
};
