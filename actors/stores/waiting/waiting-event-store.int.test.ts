import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { TandemError } from '../../errors/tandem-error.ts';
import { openKurrentEventStore } from '../kurrent/kurrent-event-store.ts';
import type { StoreServer } from '../server/store-server.ts';
import { openSqliteEventStore } from '../sqlite/sqlite-event-store.ts';
import { failureOf } from '../testing/contract/subject.ts';
import { eventStoreContract } from '../testing/event-store.contract.ts';
import { idsOf, listOf, testEvents } from '../testing/events.ts';
import { startKurrentTestServer } from '../testing/kurrent-test-server.ts';
import { type Absence, type LeavingStore, leavingStore } from '../testing/leaving-store.ts';
import { openWaitingEventStore, type WaitingEventStore } from './waiting-event-store.ts';

describe('with a store that is there', () => {
  let server: StoreServer;
  beforeAll(async () => {
    server = await startKurrentTestServer();
  });
  afterAll(() => server.kill());

  eventStoreContract('Waiting (Kurrent test server)', async () =>
    openWaitingEventStore(openKurrentEventStore({ connectionString: server.connectionString })),
  );
});

describe('a store that is waited for', () => {
  let inner: LeavingStore;
  let store: WaitingEventStore;
  let said: string[];
  let waited: number[];
  beforeEach(async () => {
    said = [];
    waited = [];
    inner = leavingStore(openSqliteEventStore({ file: ':memory:' }));
    store = openWaitingEventStore(inner, {
      onAway: (error) => said.push((error as TandemError).params.detail as string),
      onBack: (_, many) => {
        said.push('back');
        waited.push(many);
      },
    });
    await store.append('first', 'no-stream', testEvents(1));
  });
  afterEach(() => store.close());

  const absences: Absence[] = ['refuses', 'is silent', 'loses answers'];
  it.each(absences)('has everything there once that came while it %s', async (how) => {
    const events = testEvents(3);
    await store.append('old', 'no-stream', testEvents(2));
    inner.leave(how);
    const appended = events.map((event, i) => store.append(`stream-${i}`, 'no-stream', [event]));
    const read = listOf(store.readStream('first'));
    const deleted = store.delete('old', 1);
    await inner.missing(2);
    inner.comeBack();
    await Promise.all([...appended, deleted]);
    expect(await read).toHaveLength(1);
    for (const [i, event] of events.entries())
      expect(idsOf(await listOf(store.readStream(`stream-${i}`)))).toEqual([event.id]);
    expect((await failureOf(listOf(store.readStream('old')))).code).toBe('store.stream-deleted');
    expect(store.away).toBe(false);
  });

  it('is asked by one at a time while it is away, and says once that it went and that it is back', async () => {
    inner.leave('refuses');
    const appended = testEvents(50).map((event, i) => store.append(`stream-${i}`, 'no-stream', [event]));
    // Those that began before it was known to be away, and then one after the other.
    await inner.missing(53);
    expect(store.away).toBe(true);
    const others = testEvents(50).map((event, i) => store.append(`other-${i}`, 'no-stream', [event]));
    await inner.missing(55);
    expect(inner.missed).toBeLessThan(60);
    inner.comeBack();
    await Promise.all([...appended, ...others]);
    expect(said).toEqual(['away', 'back']);
    expect(waited).toEqual([100]);
  });

  it('is away when it answers nothing, and back with the first answer', async () => {
    inner.leave('is silent');
    const appended = store.append('stream', 'no-stream', testEvents(1));
    while (!store.away) await new Promise(setImmediate);
    const other = store.append('other', 'no-stream', testEvents(1));
    expect(inner.missed).toBe(1);
    inner.comeBack();
    await Promise.all([appended, other]);
    expect(said).toEqual(['it has not answered for 500 ms', 'back']);
  });

  it('goes on reading where it was, in both directions and no further than was asked', async () => {
    await store.append('stream', 'no-stream', testEvents(10));
    const ids = idsOf(await listOf(store.readStream('stream')));
    for (const [options, expected] of [
      [{}, ids],
      [{ from: 4, limit: 5 }, ids.slice(4, 9)],
      [{ direction: 'backwards' }, ids.toReversed()],
      [{ direction: 'backwards', from: 3 }, ids.slice(0, 4).toReversed()],
      [{ direction: 'backwards', limit: 4 }, ids.slice(6).toReversed()],
    ] as const) {
      const found: string[] = [];
      for await (const { id } of store.readStream('stream', options)) {
        found.push(id);
        if (found.length !== 2) continue;
        inner.leave('refuses');
        void inner.missing(inner.missed + 1).then(() => inner.comeBack());
      }
      expect(found).toEqual(expected);
    }
    const all: string[] = [];
    for await (const { id } of store.readAll({ direction: 'backwards', limit: 6 })) {
      all.push(id);
      if (all.length !== 3) continue;
      inner.leave('refuses');
      void inner.missing(inner.missed + 1).then(() => inner.comeBack());
    }
    expect(all).toEqual(ids.slice(4).toReversed());
  });

  it('refuses at once what it would refuse in any case', async () => {
    expect((await failureOf(store.append('first', 'no-stream', testEvents(1)))).code).toBe(
      'store.wrong-revision',
    );
    inner.leave('refuses');
    const late = store.append('first', 'no-stream', testEvents(1));
    await inner.missing(1);
    inner.comeBack();
    expect((await failureOf(late)).code).toBe('store.wrong-revision');
    expect(said.at(-1)).toBe('back');
  });

  it('fails what fails for itself alone, while others are stored', async () => {
    const broken = Object.create(inner, {
      append: {
        value: (stream: string, ...rest: [number, []]) => {
          if (stream !== 'broken') return inner.append(stream, ...rest);
          inner.leave('refuses');
          return inner.append(stream, ...rest).finally(() => inner.comeBack());
        },
      },
    }) as LeavingStore;
    const own = openWaitingEventStore(broken);
    await own.append('one', 'no-stream', testEvents(1));
    const failing = failureOf(own.append('broken', 'no-stream', testEvents(1)));
    let others = 0;
    const failed = failing.then(() => true);
    for (let over = false; !over; ) {
      await own.append(`other-${others}`, 'no-stream', testEvents(1));
      others += 1;
      over = await Promise.race([failed, new Promise<boolean>((go) => setImmediate(() => go(false)))]);
    }
    expect((await failing).code).toBe('store.unavailable');
    expect(others).toBeGreaterThanOrEqual(5);
  });

  it('fails like the store before it has answered, and once nobody waits', async () => {
    const fresh = openWaitingEventStore(inner);
    inner.leave('refuses');
    expect((await failureOf(fresh.append('stream', 'no-stream', testEvents(1)))).code).toBe(
      'store.unavailable',
    );
    const waiting = [1, 2, 3].map((i) => failureOf(store.append(`late-${i}`, 'no-stream', testEvents(1))));
    await inner.missing(5);
    store.stopWaiting();
    for (const { code } of await Promise.all(waiting)) expect(code).toBe('store.unavailable');
    expect((await failureOf(store.append('later', 'no-stream', testEvents(1)))).code).toBe(
      'store.unavailable',
    );
    inner.comeBack();
  });
});
