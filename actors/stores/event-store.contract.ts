import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { TandemError } from '../errors/tandem-error.ts';
import type { EventStore, ExpectedRevision, RecordedEvent } from './event-store.ts';
import { createCollector } from './testing/collector.ts';
import { idsOf, listOf, testEvent, testEvents } from './testing/events.ts';
import { createStoreModel } from './testing/store-model.ts';

/** A promise that the test settles. */
const deferred = () => Promise.withResolvers<void>();

const failureOf = async (promise: Promise<unknown>): Promise<TandemError> =>
  promise.then(
    () => {
      throw new Error('this should have failed');
    },
    (error) => error,
  );

/**
 * What every event store does. `open` opens a store anew, on the same data or on none; the suite closes it.
 * The data may be shared with others, so each test has streams of its own and looks at those only.
 */
export const eventStoreContract = (name: string, open: () => Promise<EventStore>): void => {
  describe(`${name} as an event store`, () => {
    let store: EventStore;
    const freshStream = (): string => `contract-${randomUUID()}`;
    const streamIds = async (stream: string): Promise<string[]> =>
      idsOf(await listOf(store.readStream(stream)));

    /** Position before anything that the test appends. */
    const positionNow = async (): Promise<string> => {
      const { position } = await store.append(freshStream(), 'no-stream', [testEvent()]);
      return position;
    };

    const allAfter = async (after: string, streams: readonly string[]): Promise<RecordedEvent[]> =>
      (await listOf(store.readAll({ after }))).filter((event) => streams.includes(event.stream));

    beforeAll(async () => {
      store = await open();
    });
    afterAll(() => store.close());

    describe('append', () => {
      it('gives back every field as it was', async () => {
        const stream = freshStream();
        const event = testEvent(
          { b: 1, a: [true, null, -0.5, 1e21], nested: { '10': 'x', '2': 'y' } },
          { version: 7, time: 1_763_872_496_999, region: 'us1', cause: '', correlation: '' },
        );
        const appended = await store.append(stream, 'no-stream', [event]);
        const [read, ...others] = await listOf(store.readStream(stream));
        expect(others).toEqual([]);
        expect(read).toEqual({ ...event, stream, revision: 0, position: appended.position });
      });

      it('counts revisions from 0 and answers with the last one', async () => {
        const stream = freshStream();
        expect(await store.append(stream, 'no-stream', testEvents(3))).toMatchObject({ revision: 2 });
        expect(await store.append(stream, 2, testEvents(2))).toMatchObject({ revision: 4 });
        expect(await store.append(stream, 'any', testEvents(1))).toMatchObject({ revision: 5 });
        const read = await listOf(store.readStream(stream));
        expect(read.map((event) => event.revision)).toEqual([0, 1, 2, 3, 4, 5]);
      });

      it('makes a stream under any expectation that allows none', async () => {
        expect(await store.append(freshStream(), 'any', testEvents(1))).toMatchObject({ revision: 0 });
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
        if (held > 0) await store.append(stream, 'no-stream', before);
        expect(await failureOf(store.append(stream, expected, testEvents(2)))).toMatchObject({
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
        const failure = await failureOf(store.append(stream, 'any', events as never));
        expect(failure.code).toBe('store.invalid-append');
        expect(await streamIds(stream)).toEqual([]);
      });

      it.each<[string, ExpectedRevision]>([
        ['', 'any'],
        ['$stats', 'any'],
        ['leg', -1],
        ['leg', 0.5],
      ])('refuses the stream "%s" at %s', async (stream, expected) => {
        const failure = await failureOf(store.append(stream, expected, testEvents(1)));
        expect(failure.code).toBe('store.invalid-append');
      });

      it('keeps text of every script and large data byte for byte', async () => {
        const stream = `contract-Ünïcode/電話-${randomUUID()}`;
        const texts = ['Grüße, ☎️ 電話, שלום\u2028\u0000\\"', '\ud800 alone', '🐘'.repeat(60_000)];
        const events = texts.map((text) => testEvent({ text, 'ключ"\n': [text.length] }));
        for (const [i, event] of events.entries())
          await store.append(stream, i === 0 ? 'no-stream' : i - 1, [event]);
        const read = await listOf(store.readStream(stream));
        expect(read.map((event) => event.stream)).toEqual(events.map(() => stream));
        // Compared as booleans: a difference in so large a text would be printed in full.
        expect(
          read.map((event, i) => JSON.stringify(event.data) === JSON.stringify(events[i]?.data)),
        ).toEqual(events.map(() => true));
      });

      it('keeps many events of one append together', async () => {
        const stream = freshStream();
        const events = testEvents(1200);
        expect(await store.append(stream, 'no-stream', events)).toMatchObject({ revision: 1199 });
        expect(await streamIds(stream)).toEqual(idsOf(events));
      });
    });

    describe('appending again', () => {
      it.each<[string, number, ExpectedRevision]>([
        ['to a new stream', 0, 'no-stream'],
        ['after a revision', 2, 1],
        ['anywhere', 2, 'any'],
      ])('%s answers the same and stores nothing', async (_, held, expected) => {
        const stream = freshStream();
        const before = testEvents(held);
        if (held > 0) await store.append(stream, 'no-stream', before);
        const events = testEvents(3);
        const first = await store.append(stream, expected, events);
        expect(await store.append(stream, expected, events)).toEqual(first);
        const later = testEvents(1);
        await store.append(stream, first.revision, later);
        expect(await store.append(stream, expected, events)).toEqual(first);
        expect(await streamIds(stream)).toEqual(idsOf([...before, ...events, ...later]));
      });

      it('at once is one append', async () => {
        const stream = freshStream();
        const events = testEvents(2);
        const answers = await Promise.all([
          store.append(stream, 'no-stream', events),
          store.append(stream, 'no-stream', events),
        ]);
        expect(answers[0]).toEqual(answers[1]);
        expect(await streamIds(stream)).toEqual(idsOf(events));
      });

      it('only the first of the events is taken as done', async () => {
        const stream = freshStream();
        const events = testEvents(3);
        const first = await store.append(stream, 'no-stream', events);
        const again = await store.append(stream, 'no-stream', events.slice(0, 2));
        expect(again.revision).toBe(1);
        expect(first.revision).toBe(2);
        expect(await streamIds(stream)).toEqual(idsOf(events));
      });

      it.each<ExpectedRevision>(['no-stream', 'any'])(
        'with more events is refused (%s)',
        async (expected) => {
          const stream = freshStream();
          const events = testEvents(2);
          await store.append(stream, expected, events);
          const failure = await failureOf(store.append(stream, expected, [...events, testEvent()]));
          expect(failure.code).toBe('store.wrong-revision');
          expect(await streamIds(stream)).toEqual(idsOf(events));
        },
      );

      it('with other events in part is refused', async () => {
        const stream = freshStream();
        const events = testEvents(3);
        await store.append(stream, 'no-stream', events);
        const mixed = [events[0]!, testEvent(), events[2]!];
        expect((await failureOf(store.append(stream, 'no-stream', mixed))).code).toBe('store.wrong-revision');
        expect(await streamIds(stream)).toEqual(idsOf(events));
      });

      it('an id of another stream is an event of its own', async () => {
        const [one, two] = [freshStream(), freshStream()];
        const events = testEvents(2);
        for (const stream of [one, two]) await store.append(stream, 'any', events);
        expect(await streamIds(one)).toEqual(idsOf(events));
        expect(await streamIds(two)).toEqual(idsOf(events));
      });
    });

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
            if (held > 0) await store.append(stream, 'no-stream', before);
            const expected = held === 0 ? 'no-stream' : held - 1;
            const bids = Array.from({ length: writers }, () => testEvents(size));
            const results = await Promise.allSettled(bids.map((bid) => store.append(stream, expected, bid)));
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
              const [last] = await listOf(store.readStream(stream, { direction: 'backwards', limit: 1 }));
              done = await store.append(stream, last?.revision ?? 'no-stream', [event]).then(
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
        await Promise.all(appends.map(({ stream, events }) => store.append(stream, 'no-stream', events)));
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
              const did = await store.append(name, append.expected, append.events).then(
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

    describe('reading a stream', () => {
      const stream = freshStream();
      const held = testEvents(6);
      const revisions = async (options: Parameters<EventStore['readStream']>[1]): Promise<number[]> =>
        (await listOf(store.readStream(stream, options))).map((event) => event.revision);

      beforeAll(() => store.append(stream, 'no-stream', held));

      it.each([
        [{}, [0, 1, 2, 3, 4, 5]],
        [{ limit: 2 }, [0, 1]],
        [{ from: 4 }, [4, 5]],
        [{ from: 1, limit: 3 }, [1, 2, 3]],
        [{ from: 6 }, []],
        [{ limit: 0 }, []],
        [{ direction: 'backwards' as const }, [5, 4, 3, 2, 1, 0]],
        [{ direction: 'backwards' as const, from: 2 }, [2, 1, 0]],
        [{ direction: 'backwards' as const, from: 4, limit: 2 }, [4, 3]],
        [{ direction: 'backwards' as const, limit: 1 }, [5]],
      ])('with %j gives revisions %j', async (options, expected) => {
        expect(await revisions(options)).toEqual(expected);
      });

      it('gives nothing for a stream that does not exist', async () => {
        expect(await listOf(store.readStream(freshStream()))).toEqual([]);
        expect(await listOf(store.readStream(freshStream(), { direction: 'backwards', from: 3 }))).toEqual(
          [],
        );
      });

      it('can be left half-way', async () => {
        const long = freshStream();
        await store.append(long, 'no-stream', testEvents(1500));
        for await (const event of store.readStream(long)) if (event.revision === 700) break;
        expect(await revisions({ limit: 1 })).toEqual([0]);
      });
    });

    describe('reading all streams', () => {
      const streams = [freshStream(), freshStream(), freshStream()];
      let before: string;
      let all: RecordedEvent[];

      beforeAll(async () => {
        before = await positionNow();
        for (let i = 0; i < 12; i += 1) {
          const turn = Math.floor(i / 3);
          await store.append(streams[i % 3]!, turn === 0 ? 'no-stream' : turn * 2 - 1, testEvents(2));
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
            await listOf(store.readStream(stream)),
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
          const back = store.readAll({ after: position, direction: 'backwards', limit: i });
          expect(idsOf(await listOf(back))).toEqual(idsOf(all.slice(0, i).reverse()));
        }
      });

      it('stops at the limit', async () => {
        const read = await listOf(store.readAll({ after: before, limit: 5 }));
        expect(idsOf(read)).toEqual(idsOf(all.slice(0, 5)));
        expect(await listOf(store.readAll({ limit: 0 }))).toEqual([]);
      });

      it('starts at the first event and, backwards, at the last', async () => {
        const { position } = await store.append(freshStream(), 'no-stream', [testEvent()]);
        const [last] = await listOf(store.readAll({ direction: 'backwards', limit: 1 }));
        expect(last?.position).toBe(position);
        const first = await listOf(store.readAll({ limit: 1 }));
        const beforeFirst = store.readAll({ after: first[0]!.position, direction: 'backwards' });
        expect(await listOf(beforeFirst)).toEqual([]);
      });

      it('refuses what is no position', async () => {
        const failure = await failureOf((async () => listOf(store.readAll({ after: 'yesterday' })))());
        expect(failure.code).toBe('store.invalid-position');
      });
    });

    describe('subscribing', () => {
      it('to all gives what is there, then what comes, once and in order', async () => {
        const before = await positionNow();
        const streams = Array.from({ length: 5 }, freshStream);
        const collector = createCollector((event) => streams.includes(event.stream));
        const write = async (stream: string): Promise<void> => {
          for (let i = 0; i < 40; i += 1)
            await store.append(stream, i === 0 ? 'no-stream' : i * 2 - 1, testEvents(2));
        };
        const writing = streams.map(write);
        await nextTurn();
        const subscription = store.subscribeToAll({ after: before }, collector.handler);
        await Promise.all(writing);
        const last = testEvent();
        await store.append(streams[0]!, 79, [last]);
        await collector.event(last.id);
        await subscription.stop();
        await subscription.ended;
        expect(collector.events).toEqual(await allAfter(before, streams));
        expect(collector.events).toHaveLength(401);
      });

      it('to a stream gives what is there, then what comes, once and in order', async () => {
        const [stream, other] = [freshStream(), freshStream()];
        await store.append(stream, 'no-stream', testEvents(600));
        const collector = createCollector();
        const subscription = store.subscribeToStream(stream, 'start', collector.handler);
        for (let i = 0; i < 30; i += 1) {
          await store.append(other, 'any', testEvents(1));
          await store.append(stream, 599 + i, testEvents(1));
        }
        await collector.count(630);
        await subscription.stop();
        expect(collector.events).toEqual(await listOf(store.readStream(stream)));
      });

      it('to a stream after a revision leaves out those before', async () => {
        const stream = freshStream();
        await store.append(stream, 'no-stream', testEvents(4));
        const collector = createCollector();
        const subscription = store.subscribeToStream(stream, { after: 1 }, collector.handler);
        await collector.count(2);
        await store.append(stream, 3, testEvents(1));
        await collector.count(3);
        await subscription.stop();
        expect(collector.events.map((event) => event.revision)).toEqual([2, 3, 4]);
      });

      it('to a stream that does not exist waits for it', async () => {
        const stream = freshStream();
        const collector = createCollector();
        const subscription = store.subscribeToStream(stream, 'start', collector.handler);
        await nextTurn();
        await store.append(stream, 'no-stream', testEvents(2));
        await collector.count(2);
        await subscription.stop();
      });

      it('from the end gives only what comes', async () => {
        const stream = freshStream();
        await store.append(stream, 'no-stream', testEvents(3));
        const ofAll = createCollector((event) => event.stream === stream);
        const ofStream = createCollector();
        const subscriptions = [
          store.subscribeToAll('end', ofAll.handler),
          store.subscribeToStream(stream, 'end', ofStream.handler),
        ];
        const events = testEvents(3);
        await store.append(stream, 2, events);
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
        const subscription = store.subscribeToStream(stream, 'start', async (event) => {
          running += 1;
          most = Math.max(most, running);
          await release.promise;
          running -= 1;
          collector.handler(event);
        });
        for (let i = 0; i < 4; i += 1) await store.append(stream, 'any', testEvents(500));
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
        const subscription = store.subscribeToStream(stream, 'start', () => {
          calls += 1;
          if (how === 'throws') throw error;
          return Promise.reject(error);
        });
        const ended = failureOf(subscription.ended);
        await store.append(stream, 'no-stream', testEvents(3));
        expect(await ended).toBe(error);
        await subscription.stop();
        expect(calls).toBe(1);
      });

      it('stops once the handler that runs has settled, and calls none after that', async () => {
        const stream = freshStream();
        const [entered, release] = [deferred(), deferred()];
        let calls = 0;
        const subscription = store.subscribeToStream(stream, 'start', () => {
          calls += 1;
          entered.resolve();
          return release.promise;
        });
        await store.append(stream, 'no-stream', testEvents(2));
        await entered.promise;
        let stopped = false;
        const stopping = subscription.stop().then(() => {
          stopped = true;
        });
        const witness = createCollector();
        const watching = store.subscribeToStream(stream, 'start', witness.handler);
        await witness.count(2);
        expect(stopped).toBe(false);
        release.resolve();
        await stopping;
        await subscription.ended;
        await store.append(stream, 1, testEvents(1));
        await witness.count(3);
        await watching.stop();
        expect(calls).toBe(1);
      });

      it('lets subscriptions go at their own pace', async () => {
        const stream = freshStream();
        const never = deferred();
        const stuck = store.subscribeToStream(stream, 'start', () => never.promise);
        const collector = createCollector();
        const lively = store.subscribeToStream(stream, 'start', collector.handler);
        await store.append(stream, 'no-stream', testEvents(10));
        await collector.count(10);
        never.resolve();
        await Promise.all([stuck.stop(), lively.stop()]);
      });
    });

    describe('deleting', () => {
      it('ends a stream for reading, appending, subscribing and deleting', async () => {
        const stream = freshStream();
        const events = testEvents(2);
        await store.append(stream, 'no-stream', events);
        await store.delete(stream, 1);
        const attempts = [
          () => listOf(store.readStream(stream)),
          () => listOf(store.readStream(stream, { direction: 'backwards' })),
          () => store.append(stream, 1, testEvents(1)),
          () => store.append(stream, 'any', testEvents(1)),
          () => store.append(stream, 'no-stream', events),
          () => store.delete(stream, 'any'),
          () => store.subscribeToStream(stream, 'start', () => {}).ended,
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
        await store.append(stream, 'no-stream', events);
        for (const expected of [0, 2, 'no-stream'] as const) {
          expect(await failureOf(store.delete(stream, expected))).toMatchObject({
            code: 'store.wrong-revision',
            params: { stream, expected, actual: 1 },
          });
        }
        expect(await streamIds(stream)).toEqual(idsOf(events));
      });

      it('ends the subscriptions to the stream', async () => {
        const stream = freshStream();
        await store.append(stream, 'no-stream', testEvents(1));
        const collector = createCollector();
        const subscription = store.subscribeToStream(stream, 'start', collector.handler);
        const ended = failureOf(subscription.ended);
        await collector.count(1);
        await store.delete(stream, 0);
        expect((await ended).code).toBe('store.stream-deleted');
      });

      it('leaves other streams and the order of all as they are', async () => {
        const before = await positionNow();
        const [gone, stays] = [freshStream(), freshStream()];
        await store.append(stays, 'no-stream', testEvents(1));
        await store.append(gone, 'no-stream', testEvents(2));
        await store.delete(gone, 'any');
        const { position } = await store.append(stays, 0, testEvents(2));
        const read = await allAfter(before, [stays]);
        expect(read.map((event) => event.revision)).toEqual([0, 1, 2]);
        expect(read.at(-1)?.position).toBe(position);
        expect(await allAfter(position, [gone, stays])).toEqual([]);
      });
    });

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
  });
};
