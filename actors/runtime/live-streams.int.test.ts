import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { EventStore } from '../stores/event-store/event-store.ts';
import { openSqliteEventStore } from '../stores/sqlite/sqlite-event-store.ts';
import { LiveStreams } from './live-streams.ts';

let store: EventStore;
let saved: Map<string, string>;
beforeEach(() => {
  saved = new Map();
  store = openSqliteEventStore({ file: ':memory:' });
});
afterEach(() => store.close());

const liveStreams = () =>
  new LiveStreams(
    'test',
    store,
    { load: async (name) => saved.get(name), save: async (name, value) => void saved.set(name, value) },
    (stream) => stream.startsWith('leg-'),
  );

const append = (stream: string) =>
  store.append(stream, 'any', [
    {
      id: randomUUID(),
      type: 'TimerRang',
      version: 1,
      time: 1,
      region: '',
      cause: '',
      correlation: '',
      data: { timer: 'x' },
    },
  ]);

describe('the live streams', () => {
  it('are found after a crash, whatever happened around a checkpoint, without reading all there is', async () => {
    const before = liveStreams();
    await append('leg-over');
    before.add('leg-over');
    await append('leg-lives');
    before.add('leg-lives');
    await before.checkpoint();
    before.delete('leg-over');
    // In the store, but not known to be live here when the checkpoint is made.
    await append('leg-late');
    await before.checkpoint();
    await append('leg-later');
    expect((await liveStreams().find()).toSorted()).toEqual(['leg-late', 'leg-later', 'leg-lives']);
  });

  it('are read from the start of the store when none were ever saved', async () => {
    await append('leg-1');
    await append('call-1');
    expect(await liveStreams().find()).toEqual(['leg-1']);
  });
});
