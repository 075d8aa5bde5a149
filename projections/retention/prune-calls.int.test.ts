import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { recordCall, sidOf } from '@tandem/actors/history/testing/recorded-call.ts';
import type { EventStore, RecordedEvent } from '@tandem/actors/stores/event-store';
import { openKurrentEventStore } from '@tandem/actors/stores/kurrent';
import { openSqliteEventStore } from '@tandem/actors/stores/sqlite';
import { testEvent } from '@tandem/actors/stores/testing/events.ts';
import { startKurrentTestServer } from '@tandem/actors/stores/testing/kurrent-test-server.ts';
import type { CallRow } from '../calls/call-row.ts';
import { projectCalls } from '../calls/project-call.ts';
import { archiveCall, archiveStream } from './archive-call.ts';
import { type PruneCallsOptions, pruneCalls } from './prune-calls.ts';

const DAY = 86_400_000;
const START = 1_700_000_000_000;
const NOW = START + 100 * DAY;

interface Opened {
  readonly store: EventStore;
  close(): Promise<void>;
}

const inFile = async (): Promise<Opened> => {
  const store = openSqliteEventStore({ file: ':memory:' });
  return { store, close: () => store.close() };
};

const onServer = async (): Promise<Opened> => {
  const server = await startKurrentTestServer();
  const store = openKurrentEventStore({
    connectionString: `esdb://127.0.0.1:${server.port}?tls=false`,
    maxPause: 50,
  });
  return {
    store,
    async close() {
      await store.close();
      await server.close();
    },
  };
};

describe.each([
  ['SQLite', inFile],
  ['the test server', onServer],
])('archiving calls in %s', (_name, open) => {
  let opened: Opened;
  let store: EventStore;
  let marks: Map<string, string>;
  beforeEach(async () => {
    marks = new Map();
    opened = await open();
    store = opened.store;
  });
  afterEach(() => opened.close());

  const record = async (name: string, options: object = {}): Promise<string> => {
    const call = await recordCall(store, { name, start: START, ...options });
    await call.close();
    return call.callSid;
  };
  /** Something new is in the store: its last event is not that of a call. */
  const goOn = () => store.append('gateway-ie1-gw1', 'any', [testEvent({}, { time: NOW, correlation: '' })]);
  const all = () => Array.fromAsync(store.readAll());
  /** What of a call can be read stream by stream. */
  const kept = async (callSid: string): Promise<string[]> => {
    const names = new Set(
      (await all()).filter(({ correlation }) => correlation === callSid).map(({ stream }) => stream),
    );
    const there = await Promise.all(
      [...names].map(async (stream) => {
        const events = await Array.fromAsync(store.readStream(stream, { limit: 1 })).catch(() => []);
        return events.length > 0 ? [stream] : [];
      }),
    );
    return there.flat().sort();
  };
  /** Rows as lists have them, of a read model that is begun anew. */
  const rows = async () => new Map(projectCalls(await all()).map((row) => [row.sid, row]));
  const prune = (options: Partial<PruneCallsOptions> = {}) =>
    pruneCalls(
      {
        store,
        checkpoints: {
          load: async (name) => marks.get(name),
          save: async (name, position) => void marks.set(name, position),
        },
        shared: true,
        age: 90 * DAY,
        pause: async () => {},
        now: () => NOW,
        region: 'us1',
        retention: '90 days',
        onNotArchived: (error) => {
          throw error;
        },
        ...options,
      },
      new AbortController().signal,
    );
  const archived = (row: CallRow): CallRow => ({ ...row, archivedAt: NOW, archivedBy: '90 days' });

  it('removes their streams and leaves their rows as they were', async () => {
    const old = await record('old');
    const busy = await record('busy', { callee: 'is busy' });
    const young = await record('young', { start: START + 50 * DAY });
    const live = await record('live', { until: 'talking', start: START + 50 * DAY });
    await goOn();
    const before = await rows();
    expect(before.size).toBe(8);
    const streams = await kept(live);

    expect(await prune()).toEqual({ calls: 2, streams: 6 });
    expect(await kept(old)).toEqual([archiveStream(old)]);
    expect(await kept(busy)).toEqual([archiveStream(busy)]);
    expect(await kept(young)).toHaveLength(3);
    expect(await kept(live)).toEqual(streams);
    const gone = new Set([old, busy]);
    expect(await rows()).toEqual(
      new Map(
        [...before].map(([sid, row]) => [sid, gone.has(row.parentCallSid ?? sid) ? archived(row) : row]),
      ),
    );
    expect(await prune()).toEqual({ calls: 0, streams: 0 });
    marks.clear();
    expect(await prune()).toEqual({ calls: 0, streams: 0 });
  });

  it('keeps a call that goes on, however old what it began with is', async () => {
    const live = await record('live', { until: 'talking' });
    const streams = await kept(live);
    await goOn();
    expect(await prune()).toEqual({ calls: 0, streams: 0 });
    expect(await kept(live)).toEqual(streams);
  });

  it('goes on after a crash at any step, and the archive is the same', async () => {
    let done = false;
    for (let steps = 0; !done; steps += 1) {
      const callSid = await record(`crashed ${steps}`);
      await goOn();
      const before = await rows();
      const crash = crashAfter(store, steps);
      const options = { region: 'us1', retention: '90 days', now: () => NOW };
      done = await archiveCall(crash, callSid, options).then(
        () => true,
        (error) => {
          expect(error).toMatchObject({ message: 'killed' });
          return false;
        },
      );
      await archiveCall(store, callSid, options);
      expect(await kept(callSid)).toEqual([archiveStream(callSid)]);
      const own = ([sid, row]: [string, CallRow]) => (row.parentCallSid ?? sid) === callSid;
      const after = [...(await rows())].filter(own);
      expect(after).toEqual([...before].filter(own).map(([sid, row]) => [sid, { ...archived(row) }]));
    }
  });

  it('has a call archived once by two routers that do so at once', async () => {
    const callSid = await record('both');
    await goOn();
    const options = { region: 'us1', retention: '90 days', now: () => NOW };
    await Promise.all([archiveCall(store, callSid, options), archiveCall(store, callSid, options)]);
    expect(await kept(callSid)).toEqual([archiveStream(callSid)]);
    expect(await Array.fromAsync(store.readStream(archiveStream(callSid)))).toHaveLength(1);
  });

  it('removes what was shipped of a call after it was archived, and lists do not show it', async () => {
    const callSid = await record('late');
    await goOn();
    await prune();
    const before = await rows();
    const legId = `LE${'d'.repeat(32)}`;
    const say = (type: string, data: object) =>
      store.append(`leg-${legId}`, 'any', [testEvent(data, { type, time: NOW, correlation: callSid })]);
    await say('LegRequested', {
      legId,
      callSid,
      region: 'ie1',
      gateway: 'gw1',
      from: '+1555',
      to: '+1556',
      routes: [],
      timeout: 1,
      codecs: [],
    });
    await say('LegEnded', { reason: 'completed', by: 'peer' });
    await goOn();
    expect(await rows()).toEqual(before);
    expect(await prune({ now: () => NOW + 91 * DAY })).toEqual({ calls: 0, streams: 1 });
    expect(await kept(callSid)).toEqual([archiveStream(callSid)]);
    expect(await rows()).toEqual(before);
  });

  it('does not take another call’s leg with it, though an event names it', async () => {
    const other = await record('other', { start: START + 50 * DAY });
    const theirs = (await kept(other)).find((stream) => stream.startsWith('leg-'))!;
    const callSid = sidOf('thief');
    const legId = theirs.slice('leg-'.length);
    const say = (type: string, data: object) =>
      store.append(`call-${callSid}`, 'any', [testEvent(data, { type, time: START, correlation: callSid })]);
    await say('CallReceived', {
      callSid,
      legId: `LE${'e'.repeat(32)}`,
      region: 'ie1',
      gateway: 'gw1',
      trunk: 'carrier',
      from: '+1555',
      to: '+1556',
      codecs: [],
      router: 'us1/r1',
    });
    await say('CallLegAnswered', { legId });
    await say('CallEnded', { reason: 'completed', duration: 0 });
    await goOn();
    expect(await archiveCall(store, callSid, { region: 'us1', retention: 'x', now: () => NOW })).toBe(1);
    expect(await kept(other)).toContain(theirs);
  });

  it('keeps a call that it cannot read, and archives the others', async () => {
    const strange = await record('strange');
    const plain = await record('plain');
    await goOn();
    const reading: EventStore = {
      ...store,
      readStream: (stream, options) =>
        stream === `call-${strange}`
          ? withVersion(store.readStream(stream, options), 9)
          : store.readStream(stream, options),
    };
    const not: string[] = [];
    await prune({ store: reading, onNotArchived: (_error, callSid) => not.push(callSid) });
    expect(not).toEqual([strange]);
    expect(await kept(strange)).toHaveLength(3);
    expect(await kept(plain)).toEqual([archiveStream(plain)]);
  });
});

it('a call with very many legs is archived in parts', async () => {
  const { store, close } = await inFile();
  const callSid = sidOf('many');
  const of = (type: string, data: object) => testEvent(data, { type, time: START, correlation: callSid });
  const legIds = Array.from({ length: 1200 }, (_, leg) => `LE${leg.toString(16).padStart(32, '0')}`);
  await store.append(`call-${callSid}`, 'no-stream', [
    of('CallReceived', {
      callSid,
      legId: legIds[0],
      region: 'ie1',
      gateway: 'gw1',
      trunk: 'carrier',
      router: 'us1/r1',
      from: '+1555',
      to: '+1556',
      codecs: [],
    }),
    ...legIds.map((legId) => of('CallLegAnswered', { legId })),
    of('CallEnded', { reason: 'completed', duration: 0 }),
  ]);
  for (const legId of legIds)
    await store.append(`leg-${legId}`, 'no-stream', [
      of('LegRequested', {
        legId,
        callSid,
        region: 'ie1',
        gateway: 'gw1',
        from: '+1555',
        to: '+1556',
        routes: [],
        timeout: 1,
        codecs: [],
      }),
    ]);
  const options = { region: 'us1', retention: '90 days', now: () => NOW };
  await expect(archiveCall(crashAfter(store, 2), callSid, options)).rejects.toThrow('killed');
  expect(await archiveCall(store, callSid, options)).toBe(1201);
  const events = await Array.fromAsync(store.readAll());
  expect(events.map(({ stream }) => stream)).toEqual(Array(7).fill(archiveStream(callSid)));
  expect(projectCalls(events)).toHaveLength(1200);
  await close();
});

/** A store of a process that is killed after so many changes. */
function crashAfter(store: EventStore, steps: number): EventStore {
  let left = steps;
  const change =
    <A extends unknown[], R>(make: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      if (left === 0) throw new Error('killed');
      left -= 1;
      return make(...args);
    };
  return { ...store, append: change(store.append), delete: change(store.delete) };
}

async function* withVersion(events: AsyncIterable<RecordedEvent>, version: number) {
  for await (const event of events) yield { ...event, version };
}
