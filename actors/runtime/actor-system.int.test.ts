import { afterEach, describe, expect, it } from '@jest/globals';
import { setup } from 'xstate';
import { TandemError } from '../errors/tandem-error.ts';
import { rang, withoutTimer, withTimer } from '../machines/transition/timers.ts';
import {
  does,
  effectsAreCarriedOutByTheRuntime,
  type Transition,
} from '../machines/transition/transition.ts';
import type { Checkpoints } from '../stores/event-store/checkpoints.ts';
import type { EventStore, NewEvent, RecordedEvent } from '../stores/event-store/event-store.ts';
import { openSqliteEventStore } from '../stores/sqlite/sqlite-event-store.ts';
import { testEvent } from '../stores/testing/events.ts';
import { ActorSystem, type ActorSystemOptions } from './actor-system.ts';
import type { Effect, Kind, Timed } from './behaviour.ts';
import type { EffectHandlers } from './effects.ts';

// A gateway-like actor of the test's own: it counts keys, has a timer, and asks for an effect.
interface Counter extends Timed {
  readonly keys: number;
  readonly failures: readonly string[];
}
type Played = { readonly type: 'play'; readonly keys: number };
type Taken =
  | 'DigitReceived'
  | 'TimerRang'
  | 'ActionFailed'
  | 'OwnerRestarted'
  | 'LegEnded'
  | 'DigitsRequested';
type D<T extends Taken> = Transition<Counter, Played, T>;

const key: D<'DigitReceived'> = ({ keys, timers }, { time }) => ({
  context: { keys: keys + 1, timers: withTimer(timers, 'quiet', time + 20) },
  effects: [{ type: 'play', keys: keys + 1 }],
});
const quiet: D<'TimerRang'> = ({ timers }) => ({ context: { timers: withoutTimer(timers, 'quiet') } });
const failed: D<'ActionFailed'> = ({ failures }, { data }) => ({
  context: { failures: [...failures, `${data.action} ${data.code}`] },
});

const kind: Kind = {
  name: 'counter',
  version: 1,
  machine: setup({
    types: { context: {} as Counter },
    actions: effectsAreCarriedOutByTheRuntime,
  }).createMachine({
    id: 'counter',
    context: { keys: 0, failures: [], timers: {} },
    initial: 'idle',
    on: { ActionFailed: { actions: does(failed) }, LegEnded: '.over' },
    states: {
      idle: { on: { DigitReceived: { target: 'counting', actions: does(key) } } },
      counting: {
        on: {
          DigitReceived: { actions: does(key) },
          TimerRang: { guard: rang('quiet') as never, target: 'quiet', actions: does(quiet) },
          OwnerRestarted: 'recovered',
        },
      },
      quiet: {},
      recovered: {},
      over: { type: 'final' },
    },
  }),
};

const digit = { type: 'DigitReceived', data: { digit: '1', source: 'info' } } as const;
const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

const memory = (): EventStore => {
  const store = openSqliteEventStore({ file: ':memory:' });
  opened.push(store);
  return store;
};

const keptInMemory = (): Checkpoints => {
  const saved = new Map<string, string>();
  return {
    load: async (name) => saved.get(name),
    save: async (name, value) => void saved.set(name, value),
  };
};

function system(
  store: EventStore,
  options: Partial<ActorSystemOptions> = {},
  play: EffectHandlers<Played>['play'] = () => {},
) {
  const errors: unknown[] = [];
  const created = new ActorSystem({
    store,
    checkpoints: keptInMemory(),
    node: 'test',
    region: 'ie1',
    onError: (error) => errors.push(error),
    ...options,
  });
  created.register<Played>(kind, { play });
  opened.push(created);
  return Object.assign(created, { errors });
}

const events = async (store: EventStore, stream: string): Promise<RecordedEvent[]> =>
  Array.fromAsync(store.readStream(stream));

/** A store whose appends wait until the test lets them go. */
function held(store: EventStore) {
  const waiting: (() => void)[] = [];
  const append: EventStore['append'] = async (...args) => {
    await new Promise<void>((resolve) => waiting.push(resolve));
    return store.append(...args);
  };
  return { store: { ...bound(store), append }, waiting };
}

const bound = (store: EventStore): EventStore => ({
  append: store.append.bind(store),
  readStream: store.readStream.bind(store),
  readAll: store.readAll.bind(store),
  subscribeToAll: store.subscribeToAll.bind(store),
  subscribeToStream: store.subscribeToStream.bind(store),
  delete: store.delete.bind(store),
  close: store.close.bind(store),
});

describe('the one rule', () => {
  it('stores a transition before its effects are carried out', async () => {
    const { store, waiting } = held(memory());
    const played: number[] = [];
    const actors = system(store, {}, ({ keys }) => void played.push(keys));
    const told = actors.tell('counter-1', digit);
    while (waiting.length === 0) await new Promise(setImmediate);
    expect(played).toEqual([]);
    waiting[0]!();
    await told;
    expect(played).toEqual([1]);
  });

  it('stores nothing, and carries nothing out, when the machine does not take a message', async () => {
    const store = memory();
    const actors = system(store);
    const outcome = await actors.tell('counter-1', { type: 'DigitsRequested', data: { digits: '1' } });
    expect(outcome).toEqual({ taken: false, state: 'idle' });
    expect(await events(store, 'counter-1')).toEqual([]);
  });

  it('carries nothing out when the append fails, and goes on from what is stored', async () => {
    const store = memory();
    const played: number[] = [];
    let broken = true;
    const append: EventStore['append'] = (...args) => {
      if (broken) throw new TandemError('store.unavailable', { store: 'test', detail: 'no room' });
      return store.append(...args);
    };
    const actors = system({ ...bound(store), append }, {}, ({ keys }) => void played.push(keys));
    await expect(actors.tell('counter-1', digit)).rejects.toMatchObject({ code: 'store.unavailable' });
    expect(played).toEqual([]);
    broken = false;
    await actors.tell('counter-1', digit);
    expect(played).toEqual([1]);
  });

  it('refuses data that is not what the message says, and tells what is wrong', async () => {
    const actors = system(memory());
    const told = actors.tell('counter-1', { type: 'DigitReceived', data: { digit: 1 } as never });
    await expect(told).rejects.toMatchObject({ code: 'runtime.invalid-event' });
  });
});

describe('what follows from an append', () => {
  const cause = (store: EventStore, stream: string) =>
    store.append(stream, 'no-stream', [testEvent({ type: 'DigitReceived' })]);

  it('is stored with it', async () => {
    const store = memory();
    const append = cause(store, 'leg-1');
    const actors = system(store);
    expect(await actors.tell('counter-1', digit, [append])).toMatchObject({ taken: true, revision: 0 });
    const all = await Array.fromAsync(store.readAll());
    expect(all.map(({ stream }) => stream)).toEqual(['leg-1', 'counter-1']);
  });

  it('is not stored without it; what came at the same time is', async () => {
    const store = memory();
    await cause(store, 'leg-1');
    const played: number[] = [];
    const actors = system(store, {}, ({ keys }) => void played.push(keys));
    const append = cause(store, 'leg-1');
    const told = await Promise.allSettled([
      actors.tell('counter-1', digit),
      actors.tell('counter-1', digit, [append]),
      actors.tell('counter-1', digit, [cause(store, 'leg-2')]),
      append,
    ]);
    expect(told).toMatchObject([
      { value: { revision: 0 } },
      { reason: { code: 'store.not-preceded' } },
      { value: { revision: 1 } },
      { reason: { code: 'store.wrong-revision' } },
    ]);
    expect(played).toEqual([1, 2]);
  });

  it('has no answer without it, also when it changes nothing', async () => {
    const store = memory();
    await cause(store, 'leg-1');
    const actors = system(store);
    const nothing = { type: 'DigitsRequested', data: { digits: '1' } } as const;
    const [failing, fine] = [cause(store, 'leg-1'), cause(store, 'leg-2')];
    await expect(actors.tell('counter-1', nothing, [fine, failing])).rejects.toMatchObject({
      code: 'store.not-preceded',
    });
    await expect(failing).rejects.toMatchObject({ code: 'store.wrong-revision' });
    expect(await actors.tell('counter-1', nothing, [fine])).toEqual({ taken: false, state: 'idle' });
  });

  it('is stored after it where the store does not know that append', async () => {
    const store = memory();
    const append = cause(store, 'leg-1').then((appended) => appended);
    const actors = system(store);
    expect(await actors.tell('counter-1', digit, [append])).toMatchObject({ taken: true, revision: 0 });
  });
});

describe('messages', () => {
  it('are taken in order, also when many come at once', async () => {
    const store = memory();
    const actors = system(store);
    await Promise.all(Array.from({ length: 100 }, () => actors.tell('counter-1', digit)));
    const snapshot = await actors.snapshot('counter-1');
    expect(snapshot.context).toMatchObject({ keys: 100 });
    expect((await events(store, 'counter-1')).map((event) => event.revision)).toEqual(
      Array.from({ length: 100 }, (_, index) => index),
    );
  });

  it('are taken once, however often they are said under one id', async () => {
    const store = memory();
    const first = system(store);
    const message = { ...digit, id: uuid(7) };
    await Promise.all([first.tell('counter-1', message), first.tell('counter-1', message)]);
    await first.tell('counter-1', message);
    await first.snapshot('counter-1');
    first.putAway(0);
    expect(first.loaded).toBe(0);
    expect(await first.tell('counter-1', message)).toEqual({ taken: true, duplicate: true });
    expect(await events(store, 'counter-1')).toHaveLength(1);
  });

  it('to an unknown kind of actor are refused', async () => {
    await expect(system(memory()).tell('nobody-1', digit)).rejects.toMatchObject({
      code: 'runtime.unknown-actor',
    });
  });

  it('carry the call on: later events of an actor inherit the correlation', async () => {
    const store = memory();
    const actors = system(store);
    await actors.tell('counter-1', { ...digit, correlation: 'CA1' });
    await actors.tell('counter-1', digit);
    expect((await events(store, 'counter-1')).map((event) => event.correlation)).toEqual(['CA1', 'CA1']);
  });
});

describe('another writer', () => {
  it('was first: the message is decided anew on what is stored now', async () => {
    const store = memory();
    const mine = system(store);
    const theirs = system(store);
    await mine.tell('counter-1', digit);
    await theirs.tell('counter-1', digit);
    const outcome = await mine.tell('counter-1', digit);
    expect(outcome).toMatchObject({ taken: true, revision: 2 });
    expect((await mine.snapshot('counter-1')).context).toMatchObject({ keys: 3 });
  });
});

describe('timers', () => {
  it('ring, and their ringing is an event', async () => {
    const store = memory();
    const actors = system(store);
    await actors.tell('counter-1', digit);
    const seen = Promise.withResolvers<void>();
    const subscription = store.subscribeToStream('counter-1', 'start', (event) => {
      if (event.type === 'TimerRang') seen.resolve();
    });
    await seen.promise;
    await subscription.stop();
    expect((await actors.snapshot('counter-1')).value).toBe('quiet');
  });

  it('are armed again when the actor is found after a restart', async () => {
    const store = memory();
    let now = 1_000_000;
    const checkpoints = keptInMemory();
    const before = system(store, { checkpoints, now: () => now });
    await before.tell('counter-1', digit);
    await before.close();
    now += 1;
    const after = system(store, { checkpoints, now: () => now });
    expect(await after.recover()).toBe(1);
    expect((await after.snapshot('counter-1')).value).toBe('recovered');
  });
});

describe('a restart', () => {
  it('is not held up by an actor whose stream cannot be read', async () => {
    const store = memory();
    const checkpoints = keptInMemory();
    const before = system(store, { checkpoints });
    for (const name of ['counter-1', 'counter-2', 'counter-3']) await before.tell(name, digit);
    await before.close();
    const [event] = await events(store, 'counter-2');
    const unknown: NewEvent = { ...event!, id: uuid(1), version: 99 };
    await store.append('counter-2', 0, [unknown]);
    const after = system(store, { checkpoints });
    expect(await after.recover()).toBe(2);
    expect(after.errors).toMatchObject([{ code: 'runtime.unknown-version' }]);
    expect((await after.snapshot('counter-3')).value).toBe('recovered');
    // It is no less live for that: a program that can read it finds it.
    expect(after.live).toBe(3);
  });

  it('tells an actor something else first where that is asked for, of those that were live', async () => {
    const store = memory();
    const before = system(store);
    for (const name of ['counter-1', 'counter-2']) await before.tell(name, digit);
    const after = system(store);
    expect(await after.findLive()).toEqual(['counter-1', 'counter-2']);
    const instead = (stream: string) => (stream === 'counter-1' ? digit : undefined);
    expect(await after.recover(instead)).toBe(2);
    const types = async (stream: string) => (await events(store, stream)).map(({ type }) => type);
    expect(await types('counter-1')).toEqual([digit.type, digit.type]);
    expect(await types('counter-2')).toEqual([digit.type, 'OwnerRestarted']);
  });

  it('fails when the store does', async () => {
    const store = memory();
    const before = system(store);
    await before.tell('counter-1', digit);
    const failing = bound(store);
    failing.readStream = () => {
      throw new TandemError('store.unavailable', { store: 'SQLite', detail: 'no disk' });
    };
    await expect(system(failing).recover()).rejects.toMatchObject({ code: 'store.unavailable' });
  });

  it('leaves no timer behind that was armed while the system closed', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((one) => one === 'Timeout').length;
    const { store, waiting } = held(memory());
    const before = timers();
    const actors = system(store);
    const told = actors.tell('counter-1', digit);
    await new Promise(setImmediate);
    const closed = actors.close();
    waiting.shift()!();
    await Promise.all([told, closed]);
    expect(timers()).toBe(before);
  });
});

describe('an actor whose effect throws', () => {
  it.each([
    [
      'at once',
      () => {
        throw new TandemError('runtime.closed', {});
      },
    ],
    [
      'later',
      async () => {
        throw new TandemError('runtime.closed', {});
      },
    ],
  ])('%s leaves a clear event and its neighbours alone', async (_when, play) => {
    const store = memory();
    const actors = system(store, {}, ({ keys }) => (keys === 2 ? play() : undefined));
    await actors.tell('counter-1', digit);
    await actors.tell('counter-1', digit);
    await actors.tell('counter-2', digit);
    const failure = Promise.withResolvers<RecordedEvent>();
    const subscription = store.subscribeToStream('counter-1', 'start', (event) => {
      if (event.type === 'ActionFailed') failure.resolve(event);
    });
    expect((await failure.promise).data).toMatchObject({ action: 'play', code: 'runtime.closed' });
    await subscription.stop();
    expect((await actors.snapshot('counter-1')).context).toMatchObject({ failures: ['play runtime.closed'] });
    expect((await actors.snapshot('counter-2')).context).toMatchObject({ keys: 1, failures: [] });
  });

  it('because nobody carries it out says so', async () => {
    const store = memory();
    const actors = system(store);
    actors.register<Effect>(kind, {});
    await actors.tell('counter-1', digit);
    expect(actors.errors[0]).toMatchObject({ code: 'runtime.unknown-effect' });
  });
});

describe('putting away and loading', () => {
  it('is not seen from outside', async () => {
    const store = memory();
    const actors = system(store);
    for (let count = 1; count <= 3; count++) {
      await actors.tell('counter-1', digit);
      await actors.snapshot('counter-1');
      actors.putAway(0);
      expect(actors.loaded).toBe(0);
    }
    expect((await actors.snapshot('counter-1')).context).toMatchObject({ keys: 3 });
  });

  it('starts from a snapshot when the stream is long', async () => {
    const store = memory();
    const actors = system(store, { snapshotEvery: 10 });
    for (let count = 0; count < 25; count++) await actors.tell('counter-1', digit);
    const read: number[] = [];
    const readStream: EventStore['readStream'] = (stream, options) => {
      if (stream === 'counter-1') read.push(options?.from ?? 0);
      return store.readStream(stream, options);
    };
    const other = system({ ...bound(store), readStream }, { snapshotEvery: 10 });
    expect((await other.snapshot('counter-1')).context).toMatchObject({ keys: 25 });
    expect(await events(store, 'snapshot-counter-1')).toHaveLength(2);
    // The beginning, to see that it is long, and what a snapshot does not hold.
    expect(read).toEqual([0, 0]);
  });

  it('of an actor that is over takes nothing and is not found again', async () => {
    const store = memory();
    const checkpoints = keptInMemory();
    const actors = system(store, { checkpoints });
    await actors.tell('counter-1', digit);
    await actors.tell('counter-1', { type: 'LegEnded', data: { reason: 'completed', by: 'peer' } });
    expect(await actors.tell('counter-1', digit)).toEqual({ taken: false, state: 'over' });
    await actors.close();
    expect(await system(store, { checkpoints }).recover()).toBe(0);
  });
});

describe('an actor whose stream was deleted', () => {
  const ended = async (store: EventStore, checkpoints: Checkpoints) => {
    const first = system(store, { checkpoints });
    await first.recover();
    await first.tell('counter-1', digit);
    await first.close();
  };

  it('takes nothing, and is not begun anew', async () => {
    const store = memory();
    await ended(store, keptInMemory());
    await store.delete('counter-1', 'any');
    const actors = system(store);
    expect(await actors.tell('counter-1', digit)).toEqual({ taken: false, state: 'deleted' });
    expect((await actors.snapshot('counter-1')).status).toBe('done');
    expect(actors.errors).toEqual([]);
  });

  it('while it was in memory, too', async () => {
    const store = memory();
    const actors = system(store);
    await actors.tell('counter-1', digit);
    await store.delete('counter-1', 'any');
    expect(await actors.tell('counter-1', digit)).toEqual({ taken: false, state: 'deleted' });
  });

  it('does not keep a process from starting that last saw it live', async () => {
    const store = memory();
    const checkpoints = keptInMemory();
    await ended(store, checkpoints);
    await store.append('counter-2', 'no-stream', [
      testEvent({}, { type: 'DigitReceived', data: digit.data }),
    ]);
    await store.delete('counter-1', 'any');
    const actors = system(store, { checkpoints });
    expect(await actors.recover()).toBe(1);
    expect(actors.liveStreams()).toEqual(['counter-2']);
    expect(actors.errors).toEqual([]);
  });

  it('needs no snapshot that was deleted before it', async () => {
    const store = memory();
    const first = system(store, { snapshotEvery: 2 });
    for (let i = 0; i < 5; i += 1) await first.tell('counter-1', digit);
    await first.close();
    await store.delete('snapshot-counter-1', 'any');
    expect((await system(store, { snapshotEvery: 2 }).snapshot('counter-1')).context.keys).toBe(5);
  });
});

describe('an event of an unknown version', () => {
  it('refuses the actor, and loses nothing', async () => {
    const store = memory();
    const future: NewEvent = {
      id: uuid(1),
      type: 'DigitReceived',
      version: 9,
      time: 1,
      region: 'ie1',
      cause: '',
      correlation: '',
      data: {},
    };
    await store.append('counter-1', 'no-stream', [future]);
    await expect(system(store).tell('counter-1', digit)).rejects.toMatchObject({
      code: 'runtime.unknown-version',
    });
    expect(await events(store, 'counter-1')).toHaveLength(1);
  });
});
