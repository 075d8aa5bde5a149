import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { EventStore, RecordedEvent } from '@tandem/actors/stores/event-store';
import { openSqliteEventStore } from '@tandem/actors/stores/sqlite';
import { testEvent, testEvents } from '@tandem/actors/stores/testing/events.ts';
import { recentSids } from './recent-calls.ts';

const sidOf = (index: number): string => `CA${index}`;
let store: EventStore;
/** Events that were read of the store. */
let read: number;

beforeEach(async () => {
  store = openSqliteEventStore({ file: ':memory:' });
  read = 0;
  for (let index = 0; index < 5; index++)
    await store.append(`call-${sidOf(index)}`, 'no-stream', [testEvent({}, { type: 'CallReceived' })]);
  await store.append('gateway-ie1-gw1', 'no-stream', testEvents(1000));
  await store.append(`call-${sidOf(5)}`, 'no-stream', [
    testEvent({}, { type: 'CallReceived', time: Date.UTC(2026, 0, 1) }),
  ]);
  await store.append('gateway-ie1-gw1', 999, testEvents(99));
});
afterEach(() => store.close());

async function* counted(events: AsyncIterable<RecordedEvent>) {
  for await (const event of events) {
    read += 1;
    yield event;
  }
}

/** The store, with what is read of it counted. */
const counting = (): EventStore => ({
  ...store,
  readAll: (options) => counted(store.readAll(options)),
  readNewest: (type) => counted(store.readNewest!(type)),
});
/** One that does not find calls by itself. */
const plain = (): EventStore => ({ ...counting(), readNewest: undefined });

describe('recent calls', () => {
  it('are found without reading anything else, where the store finds them', async () => {
    expect(await recentSids(counting(), 3)).toEqual({ sids: [5, 4, 3].map(sidOf) });
    expect(read).toBe(3);
  });

  it('are found backwards elsewhere, which ends when there are enough', async () => {
    expect(await recentSids(plain(), 1)).toEqual({ sids: [sidOf(5)] });
    expect(read).toBe(100);
  });

  it('are looked for no further than is said, and it is told from when on they are known', async () => {
    expect(await recentSids(plain(), 3, 100)).toEqual({ sids: [sidOf(5)], endedAt: Date.UTC(2026, 0, 1) });
    expect(read).toBe(100);
    expect(await recentSids(plain(), 10, 5000)).toEqual({ sids: [5, 4, 3, 2, 1, 0].map(sidOf) });
  });
});
