import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Checkpoints } from '../stores/event-store/checkpoints.ts';
import type { EventStore } from '../stores/event-store/event-store.ts';
import { positionWithin } from '../stores/event-store/position-within.ts';
import { openSqliteEventStore } from '../stores/sqlite/sqlite-event-store.ts';
import { testEvent } from '../stores/testing/events.ts';
import { type PruneJournalOptions, pruneJournal } from './prune-journal.ts';

const HOUR = 3_600_000;
const NOW = 1_800_000_000_000;

let journal: EventStore;
let saved: Map<string, string>;
let checkpoints: Checkpoints;
beforeEach(() => {
  saved = new Map();
  checkpoints = {
    load: async (name) => saved.get(name),
    save: async (name, position) => void saved.set(name, position),
  };
  journal = openSqliteEventStore({ file: ':memory:' });
});
afterEach(() => journal.close());

const say = async (stream: string, type: string, age: number): Promise<string> =>
  (await journal.append(stream, 'any', [testEvent({}, { type, time: NOW - age })])).position;
const shipTo = async (main: string): Promise<void> => {
  for await (const { position } of journal.readAll({ direction: 'backwards', limit: 1 }))
    saved.set(`shipped ${main}`, position);
};
const streams = async (): Promise<string[]> => [
  ...new Set((await Array.fromAsync(journal.readAll())).map(({ stream }) => stream)),
];
const prune = (options: Partial<PruneJournalOptions> = {}, signal = new AbortController().signal) =>
  pruneJournal(
    {
      journal,
      checkpoints,
      readers: ['shipped us1'],
      age: HOUR,
      now: () => NOW,
      pause: async () => {},
      ...options,
    },
    signal,
  );

/** A gateway that has run a while: a leg that ended long ago, one that ended just now, one that goes on. */
const ranAWhile = async (): Promise<void> => {
  await say('gateway-ie1-gw1', 'GatewayStarted', 9 * HOUR);
  await say('leg-LEold', 'LegOffered', 8 * HOUR);
  await say('leg-LElong', 'LegOffered', 8 * HOUR);
  await say('leg-LEold', 'LegEnded', 7 * HOUR);
  await say('snapshot-leg-LEold', 'Snapshot', 7 * HOUR);
  await say('pipe-PIold', 'PipeRequested', 6 * HOUR);
  await say('pipe-PIold', 'PipeEnded', 6 * HOUR);
  await say('call-CAstatic', 'CallReceived', 6 * HOUR);
  await say('call-CAstatic', 'CallEnded', 6 * HOUR);
  await say('leg-LEyoung', 'LegOffered', HOUR / 2);
  await say('leg-LEyoung', 'LegEnded', HOUR / 4);
};

describe('pruning a journal', () => {
  it('removes what has ended long enough ago, with its snapshots, and nothing else', async () => {
    await ranAWhile();
    await shipTo('us1');
    expect(await prune()).toBe(3);
    expect(await streams()).toEqual(['gateway-ie1-gw1', 'leg-LElong', 'leg-LEyoung']);
    expect(await prune()).toBe(0);
    expect(await prune({ age: 0, now: () => NOW })).toBe(0); // it has the last event
    await say('gateway-ie1-gw1', 'TrunkLost', 0);
    await shipTo('us1');
    expect(await prune({ age: 0 })).toBe(1);
    expect(await streams()).toEqual(['gateway-ie1-gw1', 'leg-LElong']);
  });

  it('touches nothing that one of its readers has not had', async () => {
    await ranAWhile();
    expect(await prune()).toBe(0);
    await shipTo('us1');
    const readers = ['shipped us1', 'shipped us2', 'static-calls'];
    expect(await prune({ readers })).toBe(0);
    // The other main region has the journal up to before the end of the old leg.
    saved.set('shipped us2', '3');
    saved.set('static-calls', saved.get('shipped us1')!);
    expect(await prune({ readers })).toBe(0);
    expect(await streams()).toContain('leg-LEold');
    saved.set('shipped us2', '4');
    expect(await prune({ readers })).toBe(1);
    // It is to be shipped again from its beginning.
    saved.set('shipped us1', '');
    expect(await prune({ readers: ['shipped us1'] })).toBe(0);
  });

  it('leaves the journal the same one to whoever knows a position of it', async () => {
    await ranAWhile();
    // Its last event is that of a leg that has ended: without it the journal would end before what was shipped.
    await shipTo('us1');
    const shipped = saved.get('shipped us1')!;
    await prune({ age: 0 });
    expect(await positionWithin(journal, shipped)).toBe(shipped);
    expect(await positionWithin(journal, JSON.parse(saved.get('pruned')!).position)).toBeDefined();
  });

  it('begins anew with another journal', async () => {
    saved.set('pruned', JSON.stringify({ position: '1000', time: NOW }));
    await ranAWhile();
    await shipTo('us1');
    expect(await prune()).toBe(3);
  });

  it('goes on where it was interrupted, whatever it had removed', async () => {
    for (let i = 0; i < 300; i += 1) {
      await say(`leg-LE${i}`, 'LegOffered', 5 * HOUR);
      await say(`leg-LE${i}`, 'LegEnded', 5 * HOUR);
    }
    await say('gateway-ie1-gw1', 'TrunkLost', 0);
    await shipTo('us1');
    let deletions = 0;
    const dying: EventStore = {
      ...journal,
      delete: async (...asked) => {
        deletions += 1;
        if (deletions === 25) throw new Error('killed');
        return journal.delete(...asked);
      },
    };
    await expect(prune({ journal: dying })).rejects.toThrow('killed');
    expect(saved.get('pruned')).toBeUndefined();
    expect((await streams()).length).toBeLessThan(301);
    expect(await prune()).toBeGreaterThan(200);
    expect(await streams()).toEqual(['gateway-ie1-gw1']);
  });

  it('stops between two pages when its process is to end', async () => {
    for (let i = 0; i < 300; i += 1) await say(`leg-LE${i}`, 'LegEnded', 5 * HOUR);
    await say('gateway-ie1-gw1', 'TrunkLost', 0);
    await shipTo('us1');
    const stopping = new AbortController();
    const removed = await prune({ pause: async () => stopping.abort() }, stopping.signal);
    expect(removed).toBeGreaterThan(0);
    expect(removed).toBeLessThan(300);
    expect(await prune()).toBe(300 - removed);
  });
});
