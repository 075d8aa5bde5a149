import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { recordCall } from '@tandem/actors/history/testing/recorded-call.ts';
import type { Checkpoints, EventStore } from '@tandem/actors/stores/event-store';
import { openSqliteEventStore } from '@tandem/actors/stores/sqlite';
import { testEvent } from '@tandem/actors/stores/testing/events.ts';
import { pino } from 'pino';
import { pruneCallsHourly, pruneJournalHourly } from './prune-hourly.ts';

const DAY = 86_400_000;
const LONG_AGO = Date.UTC(2026, 0, 1);

let store: EventStore;
let lines: { msg: string }[];
const log = () => pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) });
const marks = new Map<string, string>();
const checkpoints: Checkpoints = {
  load: async (name) => marks.get(name),
  save: async (name, position) => void marks.set(name, position),
};
beforeEach(async () => {
  store = openSqliteEventStore({ file: ':memory:' });
  lines = [];
  marks.clear();
  const call = await recordCall(store, { name: 'over', start: LONG_AGO });
  await call.close();
  const { position } = await store.append('gateway-ie1-gw1', 'any', [testEvent({}, { time: LONG_AGO })]);
  marks.set('shipped us1', position);
  jest.useFakeTimers({ now: LONG_AGO + 2 * DAY, doNotFake: ['setImmediate', 'nextTick', 'performance'] });
});
afterEach(async () => {
  jest.useRealTimers();
  await store.close();
});

const streams = async () => [
  ...new Set((await Array.fromAsync(store.readAll())).map(({ stream }) => stream.split('-')[0])),
];
/** An hour and a half goes by, some seconds of it at a time, until something is logged. */
async function anHourGoesBy(): Promise<void> {
  for (let i = 0; i < 1000 && lines.length === 0; i += 1) {
    await jest.advanceTimersByTimeAsync(6_000);
    await new Promise(setImmediate);
  }
}

it('a gateway prunes its journal within minutes of its start, and says so', async () => {
  const readers = () => ['shipped us1'];
  const config = { retention: { journal: 1 } } as never;
  const pruning = pruneJournalHourly({ config, journal: store, checkpoints, readers, log: log() });
  await anHourGoesBy();
  expect(lines).toMatchObject([{ msg: 'the journal was pruned', streams: 3, days: 1 }]);
  expect(await streams()).toEqual(['gateway']);
  await pruning.close();
});

it('a main region archives calls within minutes of its start, and says so', async () => {
  const config = { main: 'us1', store: 'sqlite:x', retention: { calls: 1 } } as const;
  const pruning = pruneCallsHourly({ config, store, checkpoints, log: log() });
  await anHourGoesBy();
  expect(lines).toMatchObject([{ msg: 'calls were archived', calls: 1, streams: 3, days: 1 }]);
  expect(await streams()).toEqual(['gateway', 'archive']);
  await pruning.close();
});

it('neither does where that is not wanted, or not yet', async () => {
  const never = { main: 'us1', store: 'sqlite:x', retention: { calls: 'never', journal: 'never' } } as never;
  const later = { main: 'us1', store: 'sqlite:x', retention: { calls: 90, journal: 90 } } as never;
  const before = await streams();
  const running = [never, later].flatMap((config) => [
    pruneCallsHourly({ config, store, checkpoints, log: log() }),
    pruneJournalHourly({ config, journal: store, checkpoints, readers: () => ['shipped us1'], log: log() }),
  ]);
  await anHourGoesBy();
  expect(await streams()).toEqual(before);
  expect(lines).toEqual([]);
  for (const one of running) await one.close();
});
