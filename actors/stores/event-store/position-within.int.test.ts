import { expect, it } from '@jest/globals';
import { openSqliteEventStore } from '../sqlite/sqlite-event-store.ts';
import { testEvents } from '../testing/events.ts';
import { positionWithin } from './position-within.ts';

it('knows a position of a store from one that the store does not reach', async () => {
  const store = openSqliteEventStore({ file: ':memory:' });
  expect(await positionWithin(store, '1')).toBeUndefined();
  expect([await positionWithin(store, ''), await positionWithin(store, undefined)]).toEqual(['', undefined]);
  const { position } = await store.append('leg-1', 'no-stream', testEvents(12));
  expect(await positionWithin(store, position)).toBe(position);
  expect(await positionWithin(store, '2')).toBe('2');
  expect(await positionWithin(store, `${position}0`)).toBeUndefined();
  await store.close();
});
