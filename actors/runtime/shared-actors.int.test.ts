import { afterEach, describe, expect, it } from '@jest/globals';
import { setup } from 'xstate';
import { TandemError } from '../errors/tandem-error.ts';
import { rang, withoutTimer, withTimer } from '../machines/transition/timers.ts';
import {
  does,
  effectsAreCarriedOutByTheRuntime,
  type Transition,
} from '../machines/transition/transition.ts';
import type { EventStore } from '../stores/event-store/event-store.ts';
import { openSqliteEventStore } from '../stores/sqlite/sqlite-event-store.ts';
import { ActorSystem } from './actor-system.ts';
import type { Kind, Timed } from './behaviour.ts';

// An actor of the test's own, whose owner is in its state as a call's is.
interface Owned extends Timed {
  readonly owner: string;
  readonly keys: string;
}
type Played = { readonly type: 'play'; readonly keys: string };
type Taken = 'DigitReceived' | 'CallTakenOver' | 'OwnerRestarted' | 'TimerRang' | 'LegEnded';
type D<T extends Taken> = Transition<Owned, Played, T>;

/** The timer rings soon after this key, and after others long after the test is over. */
const SOON = '#';
const key: D<'DigitReceived'> = ({ keys, timers }, { data, time }) => ({
  context: {
    keys: keys + data.digit,
    timers: withTimer(timers, 'quiet', time + (data.digit === SOON ? 10 : 600_000)),
  },
  effects: [{ type: 'play', keys: keys + data.digit }],
});
const takenOver: D<'CallTakenOver'> = (_context, { data }) => ({ context: { owner: data.router } });
const quiet: D<'TimerRang'> = ({ timers, keys }) => ({
  context: { keys: `${keys}.`, timers: withoutTimer(timers, 'quiet') },
});

const kind: Kind = {
  name: 'owned',
  version: 1,
  machine: setup({
    types: { context: {} as Owned },
    actions: effectsAreCarriedOutByTheRuntime,
  }).createMachine({
    id: 'owned',
    context: { owner: 'r1', keys: '', timers: {} },
    on: { CallTakenOver: { actions: does(takenOver) } },
    initial: 'open',
    states: {
      open: {
        on: {
          DigitReceived: { actions: does(key) },
          TimerRang: { guard: rang('quiet') as never, actions: does(quiet) },
          LegEnded: 'shut',
        },
      },
      shut: { on: { OwnerRestarted: 'open' } },
    },
  }),
};

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

function systems(...names: string[]) {
  const store: EventStore = openSqliteEventStore({ file: ':memory:' });
  opened.push(store);
  const played: string[] = [];
  const errors: unknown[] = [];
  const all = names.map((node) => {
    const system = new ActorSystem({
      store,
      node,
      region: 'us1',
      shared: true,
      onError: (error) => errors.push(error),
      checkpoints: { load: async () => undefined, save: async () => {} },
    });
    opened.push(system);
    system.register<Played>(
      kind,
      { play: ({ keys }) => played.push(`${node} ${keys}`) },
      (snapshot, type, stream) => {
        const { owner } = snapshot.context as Owned;
        if (owner === node || type === 'CallTakenOver') return undefined;
        return new TandemError('runtime.not-owner', { stream, owner });
      },
    );
    return system;
  });
  return { all, store, played, errors };
}

const digit = (name: string) => ({ type: 'DigitReceived', data: { digit: name, source: 'info' } }) as const;
const takeover = (router: string) => ({ type: 'CallTakenOver', data: { router, from: '' } }) as const;

describe('an actor that one of several processes runs', () => {
  it('is let go by the one that had it, at the latest when that would change it', async () => {
    const { all, played } = systems('r1', 'r2');
    const [one, two] = all as [ActorSystem, ActorSystem];
    await one.tell('owned-1', digit('1'));
    await expect(two.tell('owned-1', digit('2'))).rejects.toMatchObject({
      code: 'runtime.not-owner',
      params: { owner: 'r1' },
    });
    await two.tell('owned-1', takeover('r2'));
    await expect(one.tell('owned-1', digit('3'))).rejects.toMatchObject({ code: 'runtime.not-owner' });
    expect(one.isLive('owned-1')).toBe(false);
    await two.tell('owned-1', digit('4'));
    expect(played).toEqual(['r1 1', 'r2 14']);
  });

  it('is not said to refuse what it would take as it is now', async () => {
    const { all } = systems('r1', 'r2');
    const [one, two] = all as [ActorSystem, ActorSystem];
    await one.tell('owned-1', { type: 'LegEnded', data: { reason: 'completed', by: 'peer' } });
    expect(await one.tell('owned-1', digit('1'))).toEqual({ taken: false, state: 'shut' });
    await two.tell('owned-1', takeover('r2'));
    await two.tell('owned-1', { type: 'OwnerRestarted', data: { node: 'r2' } });
    // In the memory of the first it is shut still.
    await expect(one.tell('owned-1', digit('2'))).rejects.toMatchObject({ code: 'runtime.not-owner' });
    expect((await two.snapshot('owned-1')).value).toBe('open');
  });

  it('has its timers rung by its owner alone, and nothing is said of the others', async () => {
    const { all, store, errors } = systems('r1', 'r2');
    const [one, two] = all as [ActorSystem, ActorSystem];
    await one.tell('owned-1', digit(SOON));
    await two.tell('owned-1', takeover('r2'));
    const rung = Promise.withResolvers<void>();
    const subscription = store.subscribeToStream('owned-1', 'start', ({ type }) => {
      if (type === 'TimerRang') rung.resolve();
    });
    await rung.promise;
    await subscription.stop();
    await one.close();
    await two.close();
    const types = (await Array.fromAsync(store.readStream('owned-1'))).map(({ type }) => type);
    expect(types).toEqual(['DigitReceived', 'CallTakenOver', 'TimerRang']);
    expect(errors).toEqual([]);
  });
});
