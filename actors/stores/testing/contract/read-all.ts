import { beforeAll, describe, expect, it } from '@jest/globals';
import type { RecordedEvent } from '../../event-store/event-store.ts';
import { idsOf, listOf, testEvent, testEvents } from '../events.ts';
import { type ContractSubject, failureOf } from './subject.ts';

/** Reading all streams in their common order. */
export const readAllContract = (subject: ContractSubject): void => {
  const { freshStream, positionNow, allAfter } = subject;

  describe('reading all streams', () => {
    const streams = [freshStream(), freshStream(), freshStream()];
    let before: string;
    let all: RecordedEvent[];

    beforeAll(async () => {
      before = await positionNow();
      for (let i = 0; i < 12; i += 1) {
        const turn = Math.floor(i / 3);
        await subject.store.append(streams[i % 3]!, turn === 0 ? 'no-stream' : turn * 2 - 1, testEvents(2));
      }
      all = await allAfter(before, streams);
    });

    it('gives events in the order in which they were stored', () => {
      expect(all.map((event) => `${streams.indexOf(event.stream)}:${event.revision}`)).toEqual(
        Array.from({ length: 12 }, (_, i) => {
          const first = Math.floor(i / 3) * 2;
          return [`${i % 3}:${first}`, `${i % 3}:${first + 1}`];
        }).flat(),
      );
    });

    it('gives what a stream gives', async () => {
      for (const stream of streams) {
        expect(all.filter((event) => event.stream === stream)).toEqual(
          await listOf(subject.store.readStream(stream)),
        );
      }
    });

    it('goes on after any position', async () => {
      for (const [i, { position }] of all.entries()) {
        expect(idsOf(await allAfter(position, streams))).toEqual(idsOf(all.slice(i + 1)));
      }
    });

    it('goes backwards from any position', async () => {
      for (const [i, { position }] of all.entries()) {
        const back = subject.store.readAll({ after: position, direction: 'backwards', limit: i });
        expect(idsOf(await listOf(back))).toEqual(idsOf(all.slice(0, i).reverse()));
      }
    });

    it('stops at the limit', async () => {
      const read = await listOf(subject.store.readAll({ after: before, limit: 5 }));
      expect(idsOf(read)).toEqual(idsOf(all.slice(0, 5)));
      expect(await listOf(subject.store.readAll({ limit: 0 }))).toEqual([]);
    });

    it('starts at the first event and, backwards, at the last', async () => {
      const { position } = await subject.store.append(freshStream(), 'no-stream', [testEvent()]);
      const [last] = await listOf(subject.store.readAll({ direction: 'backwards', limit: 1 }));
      expect(last?.position).toBe(position);
      const first = await listOf(subject.store.readAll({ limit: 1 }));
      const beforeFirst = subject.store.readAll({ after: first[0]!.position, direction: 'backwards' });
      expect(await listOf(beforeFirst)).toEqual([]);
    });

    it('finds the newest of a type, where it can without going through all events', async () => {
      if (!subject.store.readNewest) return;
      const [first, second] = [freshStream(), freshStream()];
      for (const stream of [first, second])
        await subject.store.append(stream, 'no-stream', [
          testEvent({}, { type: 'CallReceived' }),
          testEvent(),
        ]);
      const newest: RecordedEvent[] = [];
      for await (const event of subject.store.readNewest('CallReceived')) {
        newest.push(event);
        if (newest.length === 2) break;
      }
      expect(newest).toEqual([
        (await listOf(subject.store.readStream(second)))[0],
        (await listOf(subject.store.readStream(first)))[0],
      ]);
      expect(await listOf(subject.store.readNewest('A type of which there is none'))).toEqual([]);
    });

    it('refuses what is no position', async () => {
      const failure = await failureOf((async () => listOf(subject.store.readAll({ after: 'yesterday' })))());
      expect(failure.code).toBe('store.invalid-position');
    });
  });
};
