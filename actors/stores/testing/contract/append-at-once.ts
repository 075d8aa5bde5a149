import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { idsOf, listOf, testEvents } from '../events.ts';
import { createStoreModel } from '../store-model.ts';
import type { ContractSubject } from './subject.ts';

/** Appends of many writers at once. */
export const appendAtOnceContract = (subject: ContractSubject): void => {
  const { freshStream, streamIds } = subject;

  describe('appends at once', () => {
    it('has one winner among any number that expect the same', async () => {
      const attempt = fc.record({
        writers: fc.integer({ min: 2, max: 8 }),
        size: fc.integer({ min: 1, max: 4 }),
        held: fc.integer({ min: 0, max: 2 }),
      });
      await fc.assert(
        fc.asyncProperty(attempt, async ({ writers, size, held }) => {
          const stream = freshStream();
          const before = testEvents(held);
          if (held > 0) await subject.store.append(stream, 'no-stream', before);
          const expected = held === 0 ? 'no-stream' : held - 1;
          const bids = Array.from({ length: writers }, () => testEvents(size));
          const results = await Promise.allSettled(
            bids.map((bid) => subject.store.append(stream, expected, bid)),
          );
          const winners = bids.filter((_, i) => results[i]?.status === 'fulfilled');
          expect(winners).toHaveLength(1);
          for (const result of results) {
            if (result.status === 'rejected')
              expect(result.reason).toMatchObject({ code: 'store.wrong-revision' });
          }
          expect(await streamIds(stream)).toEqual(idsOf([...before, ...winners.flat()]));
        }),
        { numRuns: 15 },
      );
    });

    it('lets writers that read again after a conflict all in, each in its order', async () => {
      const stream = freshStream();
      const writers = Array.from({ length: 4 }, () => testEvents(6));
      const write = async (events: ReturnType<typeof testEvents>): Promise<void> => {
        for (const event of events) {
          for (let done = false; !done; ) {
            const [last] = await listOf(
              subject.store.readStream(stream, { direction: 'backwards', limit: 1 }),
            );
            done = await subject.store.append(stream, last?.revision ?? 'no-stream', [event]).then(
              () => true,
              (error) => {
                if (error.code !== 'store.wrong-revision') throw error;
                return false;
              },
            );
          }
        }
      };
      await Promise.all(writers.map(write));
      const ids = await streamIds(stream);
      expect([...ids].sort()).toEqual(idsOf(writers.flat()).sort());
      for (const events of writers) {
        expect(ids.filter((id) => events.some((event) => event.id === id))).toEqual(idsOf(events));
      }
    });

    it('keeps streams apart', async () => {
      const appends = Array.from({ length: 50 }, () => ({ stream: freshStream(), events: testEvents(2) }));
      await Promise.all(
        appends.map(({ stream, events }) => subject.store.append(stream, 'no-stream', events)),
      );
      for (const { stream, events } of appends) expect(await streamIds(stream)).toEqual(idsOf(events));
    });

    it('decides like a model that does one append after another', async () => {
      const step = fc.record({
        stream: fc.constantFrom(0, 1),
        kind: fc.constantFrom('new' as const, 'again' as const),
        expected: fc.oneof(
          fc.constantFrom('any' as const, 'no-stream' as const),
          fc.integer({ min: 0, max: 6 }),
        ),
        size: fc.integer({ min: 1, max: 3 }),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
          const streams = [freshStream(), freshStream()] as const;
          const model = createStoreModel();
          for (const { stream, kind, expected, size } of steps) {
            const name = streams[stream]!;
            const last = kind === 'again' ? model.lastAppend(name) : undefined;
            const append = last ?? { expected, events: testEvents(size) };
            const should = model.append(name, append.expected, append.events);
            const did = await subject.store.append(name, append.expected, append.events).then(
              ({ revision }) => revision,
              (error) => error.code,
            );
            expect(did).toBe(should);
          }
          for (const stream of streams) expect(await streamIds(stream)).toEqual(model.ids(stream));
        }),
        { numRuns: 25 },
      );
    });
  });
};
