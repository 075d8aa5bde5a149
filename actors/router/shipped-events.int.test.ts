import { afterEach, describe, expect, it } from '@jest/globals';
import type { RecordedEvent } from '../stores/event-store.ts';
import { openSqliteEventStore } from '../stores/sqlite-event-store.ts';
import { testEvent } from '../stores/testing/events.ts';
import { ShippedEvents } from './shipped-events.ts';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

function central() {
  const store = openSqliteEventStore({ file: ':memory:' });
  opened.push(store);
  const held = async (stream: string) =>
    (await Array.fromAsync(store.readStream(stream))).map(({ id, revision }) => ({ id, revision }));
  return { shipped: new ShippedEvents(store), held, store };
}

const journal = (stream: string, count: number): RecordedEvent[] =>
  Array.from({ length: count }, (_, revision) => ({
    ...testEvent({ revision }),
    ...{ stream, revision, position: '' as never },
  }));
const same = (events: readonly RecordedEvent[]) => events.map(({ id, revision }) => ({ id, revision }));

describe('what regions ship', () => {
  it('is stored under the stream, revision and id that it has there', async () => {
    const { shipped, held } = central();
    const [one, two] = [journal('leg-1', 3), journal('leg-2', 2)];
    await shipped.store([one[0]!, two[0]!, one[1]!, two[1]!, one[2]!]);
    expect(await held('leg-1')).toEqual(same(one));
    expect(await held('leg-2')).toEqual(same(two));
  });

  it('is stored once, however much of it is shipped again', async () => {
    const { shipped, held } = central();
    const events = journal('leg-1', 6);
    await shipped.store(events.slice(0, 3));
    await shipped.store(events.slice(0, 3));
    await shipped.store(events.slice(1, 5));
    await shipped.store(events.slice(0, 2));
    await shipped.store(events);
    expect(await held('leg-1')).toEqual(same(events));
  });

  it('is stored in order when batches come at once', async () => {
    const { shipped, held } = central();
    const events = journal('leg-1', 6);
    await Promise.all([
      shipped.store(events.slice(0, 2)),
      shipped.store(events.slice(2, 4)),
      shipped.store(events.slice(4)),
    ]);
    expect(await held('leg-1')).toEqual(same(events));
  });

  it('with a gap is refused, and goes on once the gap is filled', async () => {
    const { shipped, held } = central();
    const events = journal('leg-1', 4);
    await shipped.store(events.slice(0, 1));
    await expect(shipped.store(events.slice(2))).rejects.toMatchObject({ code: 'link.events-missing' });
    expect(await held('leg-1')).toEqual(same(events.slice(0, 1)));
    await shipped.store(events);
    expect(await held('leg-1')).toEqual(same(events));
  });

  it('of a stream that begins with a gap is refused', async () => {
    const { shipped, held } = central();
    await expect(shipped.store(journal('leg-1', 3).slice(1))).rejects.toMatchObject({
      code: 'link.events-missing',
    });
    expect(await held('leg-1')).toEqual([]);
  });

  it('of another journal than before is refused', async () => {
    const { shipped, held } = central();
    const events = journal('leg-1', 2);
    await shipped.store(events);
    await expect(shipped.store([...journal('leg-1', 3)])).rejects.toMatchObject({
      ...{ code: 'link.journal-conflict', params: { stream: 'leg-1', revision: 0, stored: events[0]!.id } },
    });
    expect(await held('leg-1')).toEqual(same(events));
  });

  it('is stored once when two routers store it at once', async () => {
    const { shipped, held, store } = central();
    const other = new ShippedEvents(store);
    const events = journal('leg-1', 9);
    await Promise.all([
      shipped.store(events.slice(0, 4)),
      other.store(events.slice(0, 7)),
      shipped.store(events.slice(4, 6)),
      other.store(events.slice(7)),
    ]);
    expect(await held('leg-1')).toEqual(same(events));
  });

  it('of a leg that another gateway has taken is left out from where that did, whenever it comes', async () => {
    const { shipped, held } = central();
    const kept = journal('leg-1', 3);
    const place = { region: 'ie1', gateway: 'gw2' };
    const [, , , taken] = journal('leg-1', 4).map((event) => ({
      ...{ ...event, type: 'LegAdopted', data: { ...place, from: 'gw1' } },
    }));
    await shipped.store([...kept, taken!]);
    const unshipped = journal('leg-1', 8).slice(3);
    const others = journal('leg-2', 2);
    const gw1 = { region: 'ie1', gateway: 'gw1' };
    const became = async (events: readonly RecordedEvent[]) => {
      const { stored, leftOut } = shipped.begin(events, gw1);
      return { stored: await stored, leftOut: await leftOut };
    };
    expect(await became([...kept.slice(2), ...unshipped.slice(0, 2), ...others])).toEqual({
      stored: [...kept.slice(2), ...others],
      leftOut: unshipped.slice(0, 2),
    });
    expect(await became(unshipped.slice(3))).toEqual({ stored: [], leftOut: unshipped.slice(3) });
    expect(await held('leg-1')).toEqual(same([...kept, taken!]));
    await expect(shipped.store(unshipped, place)).rejects.toMatchObject({ code: 'link.journal-conflict' });
  });
});
