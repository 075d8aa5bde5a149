import { join } from 'node:path';
import type { LegEffect } from '@tandem/actors/machines/leg';
import { legKind } from '@tandem/actors/machines/leg';
import type { EffectHandlers } from '@tandem/actors/runtime';
import { ActorSystem, initialSnapshot } from '@tandem/actors/runtime';
import type { EventStore } from '@tandem/actors/stores/event-store';
import { openSqliteEventStore } from '@tandem/actors/stores/sqlite';
import { transition } from 'xstate';
import { collectGarbage } from './collect-garbage.ts';
import { compared, type Figure, type Measurement } from './figure.ts';
import { countMessages, type LegStory, legStories } from './leg-story.ts';
import { noEventStore } from './no-event-store.ts';
import { inTemporaryDirectory } from './temporary.ts';

const CALLS = 1000;
/** Legs that are told things at the same time. */
const AT_ONCE = 200;
const WARM_UP = 2;
const ROUNDS = 9;

/** The stories through XState's own `transition` and nothing else. */
async function bare(stories: readonly LegStory[]): Promise<void> {
  const machine = legKind.machine as never;
  for (const { messages } of stories) {
    let snapshot = initialSnapshot(legKind) as never;
    for (const { type, data } of messages) {
      const event = { type, data, id: '00000000-0000-4000-8000-000000000000', time: 1_700_000_000_000 };
      [snapshot] = transition(machine, snapshot, event as never) as unknown as [never];
    }
    if ((snapshot as { status: string }).status !== 'done') throw new Error('a leg did not come to its end');
  }
}

const inert = (): void => {};

const handlers: EffectHandlers<LegEffect> = {
  allocate: inert,
  connect: inert,
  ring: inert,
  answer: inert,
  invite: inert,
  acceptOffer: inert,
  resume: inert,
  refresh: inert,
  abandon: inert,
  play: inert,
  stopPlay: inert,
  sendDigits: inert,
  bridge: inert,
  unbridge: inert,
  passKey: inert,
  sealKeys: inert,
  finish: inert,
};

const noCheckpoints = { load: async () => undefined, save: async () => {} };

/** The stories through actors, each told the next thing when it has answered the one before. */
const throughActors =
  (store: EventStore) =>
  async (stories: readonly LegStory[]): Promise<void> => {
    const system = new ActorSystem({ store, checkpoints: noCheckpoints, node: 'bench', region: 'ie1' });
    system.register<LegEffect>(legKind, handlers);
    let next = 0;
    const tellStories = async (): Promise<void> => {
      for (let story = stories[next++]; story; story = stories[next++])
        for (const message of story.messages) {
          const { taken } = await system.tell(story.stream, message);
          if (!taken) throw new Error(`${message.type} was not taken`);
        }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, tellStories));
    await system.close();
  };

/** Transitions per second of this thread's CPU time, which others on the machine disturb least. */
async function rate(
  run: (stories: readonly LegStory[]) => Promise<void>,
  stories: readonly LegStory[],
): Promise<number> {
  collectGarbage();
  const before = process.threadCpuUsage();
  await run(stories);
  const { user, system } = process.threadCpuUsage(before);
  return countMessages(stories) / ((user + system) / 1e6);
}

export const runtime: Measurement = {
  name: 'runtime',
  about: 'transitions a second through the actor system, against bare XState',
  measure: (say) =>
    inTemporaryDirectory(async (directory): Promise<Figure[]> => {
      const sqlite = openSqliteEventStore({ file: join(directory, 'events.db') });
      const variants = [bare, throughActors(noEventStore()), throughActors(sqlite)];
      const rates: number[][] = variants.map(() => []);
      for (let round = 0; round < WARM_UP + ROUNDS; round++) {
        const stories = legStories(CALLS, round);
        for (const [index, variant] of variants.entries()) {
          const measured = await rate(variant, stories);
          if (round >= WARM_UP) rates[index]!.push(measured);
        }
        say(`round ${round + 1} of ${WARM_UP + ROUNDS}`);
      }
      await sqlite.close();
      const peer = { name: 'bare XState', values: rates[0]! };
      const unit = 'transitions/CPU-s';
      return [
        compared('actor system, no store', unit, rates[1]!, peer, { atLeastRatio: 0.8 }),
        compared('actor system, SQLite store', unit, rates[2]!, peer),
      ];
    }),
};
