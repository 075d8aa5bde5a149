import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { ExpectedRevision } from '../../event-store/event-store.ts';
import { idsOf, listOf, testEvent, testEvents } from '../events.ts';
import { type ContractSubject, failureOf } from './subject.ts';

/** What an append stores and what it refuses. */
export const appendContract = (subject: ContractSubject): void => {
  const { freshStream, streamIds } = subject;

  describe('append', () => {
    it('gives back every field as it was', async () => {
      const stream = freshStream();
      const event = testEvent(
        { b: 1, a: [true, null, -0.5, 1e21], nested: { '10': 'x', '2': 'y' } },
        { version: 7, time: 1_763_872_496_999, region: 'us1', cause: '', correlation: '' },
      );
      const appended = await subject.store.append(stream, 'no-stream', [event]);
      const [read, ...others] = await listOf(subject.store.readStream(stream));
      expect(others).toEqual([]);
      expect(read).toEqual({ ...event, stream, revision: 0, position: appended.position });
    });

    it('counts revisions from 0 and answers with the last one', async () => {
      const stream = freshStream();
      expect(await subject.store.append(stream, 'no-stream', testEvents(3))).toMatchObject({ revision: 2 });
      expect(await subject.store.append(stream, 2, testEvents(2))).toMatchObject({ revision: 4 });
      expect(await subject.store.append(stream, 'any', testEvents(1))).toMatchObject({ revision: 5 });
      const read = await listOf(subject.store.readStream(stream));
      expect(read.map((event) => event.revision)).toEqual([0, 1, 2, 3, 4, 5]);
    });

    it('makes a stream under any expectation that allows none', async () => {
      expect(await subject.store.append(freshStream(), 'any', testEvents(1))).toMatchObject({ revision: 0 });
    });

    const conflicts: readonly [string, number, ExpectedRevision, number | string][] = [
      ['no stream where there is one', 2, 'no-stream', 1],
      ['an earlier revision', 3, 1, 2],
      ['a later revision', 2, 5, 1],
      ['a revision of a stream that is not there', 0, 0, 'no-stream'],
    ];
    it.each(conflicts)('refuses to expect %s and stores nothing', async (_, held, expected, actual) => {
      const stream = freshStream();
      const before = testEvents(held);
      if (held > 0) await subject.store.append(stream, 'no-stream', before);
      expect(await failureOf(subject.store.append(stream, expected, testEvents(2)))).toMatchObject({
        code: 'store.wrong-revision',
        params: { stream, expected, actual },
      });
      expect(await streamIds(stream)).toEqual(idsOf(before));
    });

    it.each<[string, unknown[]]>([
      ['no events', []],
      ['an id that is no UUID', [testEvent({}, { id: 'first' })]],
      ['an id twice', Array(2).fill(testEvent())],
      ['data that is no object', [testEvent([1, 2])]],
      ['data without a JSON form', [testEvent({ size: 1n })]],
      ['a reserved type', [testEvent({}, { type: '$metadata' })]],
      ['no type', [testEvent({}, { type: '' })]],
      ['a version below 1', [testEvent({}, { version: 0 })]],
      ['a time that is none', [testEvent({}, { time: Number.NaN })]],
      ['a missing field', [{ ...testEvent(), region: undefined }]],
    ])('refuses %s', async (_, events) => {
      const stream = freshStream();
      const failure = await failureOf(subject.store.append(stream, 'any', events as never));
      expect(failure.code).toBe('store.invalid-append');
      expect(await streamIds(stream)).toEqual([]);
    });

    it.each<[string, ExpectedRevision]>([
      ['', 'any'],
      ['$stats', 'any'],
      ['leg', -1],
      ['leg', 0.5],
    ])('refuses the stream "%s" at %s', async (stream, expected) => {
      const failure = await failureOf(subject.store.append(stream, expected, testEvents(1)));
      expect(failure.code).toBe('store.invalid-append');
    });

    it('keeps text of every script and large data byte for byte', async () => {
      const stream = `contract-Ünïcode/電話-${randomUUID()}`;
      const texts = ['Grüße, ☎️ 電話, שלום\u2028\u0000\\"', '\ud800 alone', '🐘'.repeat(60_000)];
      const events = texts.map((text) => testEvent({ text, 'ключ"\n': [text.length] }));
      for (const [i, event] of events.entries())
        await subject.store.append(stream, i === 0 ? 'no-stream' : i - 1, [event]);
      const read = await listOf(subject.store.readStream(stream));
      expect(read.map((event) => event.stream)).toEqual(events.map(() => stream));
      // Compared as booleans: a difference in so large a text would be printed in full.
      expect(read.map((event, i) => JSON.stringify(event.data) === JSON.stringify(events[i]?.data))).toEqual(
        events.map(() => true),
      );
    });

    it('takes as much at once as any store takes, and refuses more by name', async () => {
      const text = (bytes: number) => testEvent({ text: 'x'.repeat(bytes) });
      const stream = freshStream();
      await subject.store.append(stream, 'no-stream', [text(999_000)]);
      await subject.store.append(
        stream,
        0,
        Array.from({ length: 10 }, () => text(99_000)),
      );
      for (const events of [[text(1_000_000)], [text(600_000), text(600_000)], [text(20_000_000)]]) {
        const { code, params } = await failureOf(subject.store.append(stream, 10, events));
        expect(code).toBe('store.invalid-append');
        expect(params.detail).toContain('no more than 1000000 fit into one append');
      }
      expect(await subject.store.append(stream, 10, testEvents(1))).toMatchObject({ revision: 11 });
    });

    it('keeps many events of one append together', async () => {
      const stream = freshStream();
      const events = testEvents(1200);
      expect(await subject.store.append(stream, 'no-stream', events)).toMatchObject({ revision: 1199 });
      expect(await streamIds(stream)).toEqual(idsOf(events));
    });
  });
};
