import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { setup } from 'xstate';
import {
  does,
  effectsAreCarriedOutByTheRuntime,
  type Transition,
} from '../machines/transition/transition.ts';
import { openSqliteEventStore } from '../stores/sqlite/sqlite-event-store.ts';
import { ActorSystem } from './actor-system.ts';
import type { Kind, Timed } from './behaviour.ts';
import { type Told, told } from './effects.ts';

/** Asks for one thing that it is answered, and for one that is done outside. */
type Asked = { readonly type: 'look'; readonly digit: string } | { readonly type: 'play' };
interface Seen extends Timed {
  readonly keys: string;
}

const key: Transition<Seen, Asked, 'DigitReceived'> = ({ keys }, { data: { digit } }) => ({
  context: { keys: keys + digit },
  effects: [{ type: 'look', digit }, { type: 'play' }],
});
const asked: Transition<Seen, Asked, 'DigitsRequested'> = ({ keys }, { data: { digits } }) => ({
  context: { keys: keys + digits },
  effects: [{ type: 'play' }],
});
const failed: Transition<Seen, Asked, 'ActionFailed'> = ({ keys }, { data: { action } }) => ({
  context: { keys: `${keys} ${action} failed` },
});

const kind: Kind = {
  name: 'asking',
  version: 1,
  machine: setup({
    types: { context: {} as Seen },
    actions: effectsAreCarriedOutByTheRuntime,
  }).createMachine({
    id: 'asking',
    context: { keys: '', timers: {} },
    on: {
      DigitReceived: { actions: does(key) },
      DigitsRequested: { actions: does(asked) },
      ActionFailed: { actions: does(failed) },
    },
  }),
};

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

function system(answer: (effect: { readonly digit: string }) => Told) {
  const store = openSqliteEventStore({ file: ':memory:' });
  const append = jest.spyOn(store, 'append');
  const errors: unknown[] = [];
  const played: string[] = [];
  const actors = new ActorSystem({
    store,
    node: 'test',
    region: 'ie1',
    onError: (error) => errors.push(error),
    checkpoints: { load: async () => undefined, save: async () => {} },
  });
  actors.register<Asked, 'look'>(kind, {
    look: { answer },
    play: (_effect, { state }) => void played.push((state.context as Seen).keys),
  });
  opened.push(store, actors);
  const stored = () => Array.fromAsync(store.readStream('asking-1'));
  return { actors, append, errors, played, stored };
}

const press = (digit: string) => ({ type: 'DigitReceived', data: { digit, source: 'info' } }) as const;

describe('an effect that does nothing outside', () => {
  it('is answered at once: its answer is the next event, stored with the one that asked', async () => {
    const { actors, append, played, stored } = system(({ digit }) =>
      told('DigitsRequested', { digits: `${digit}!` }),
    );
    await Promise.all([actors.tell('asking-1', press('1')), actors.tell('asking-1', press('2'))]);
    const events = await stored();
    expect(events.map(({ type }) => type)).toEqual([
      'DigitReceived',
      'DigitsRequested',
      'DigitReceived',
      'DigitsRequested',
    ]);
    expect(events[1]).toMatchObject({ cause: events[0]!.id, data: { digits: '1!' } });
    expect(append.mock.calls.map(([, , appended]) => appended.length)).toEqual([4]);
    expect(played).toEqual(['1', '11!', '11!2', '11!22!']);
  });

  it('that fails is in the history', async () => {
    const { actors, errors, played, stored } = system(() => {
      throw new Error('nothing there');
    });
    await actors.tell('asking-1', press('1'));
    while ((await stored()).length < 2) await new Promise(setImmediate);
    expect((await stored())[1]).toMatchObject({ type: 'ActionFailed', data: { action: 'look' } });
    expect(errors).toHaveLength(1);
    expect(played).toEqual(['1']);
  });

  it('whose answer the machine refuses is in the history, too', async () => {
    const { actors, stored } = system(() => told('DigitsRequested', { digits: 1 as never }));
    await actors.tell('asking-1', press('1'));
    while ((await stored()).length < 2) await new Promise(setImmediate);
    expect((await stored())[1]).toMatchObject({
      type: 'ActionFailed',
      data: { action: 'look', code: 'runtime.invalid-event' },
    });
  });
});
