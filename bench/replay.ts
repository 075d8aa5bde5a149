import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { legKind } from '@tandem/actors/machines/leg';
import { initialSnapshot, rebuild } from '@tandem/actors/runtime';
import type { EventStore } from '@tandem/actors/stores/event-store';
import { openSqliteEventStore } from '@tandem/actors/stores/sqlite';
import { transition } from 'xstate';
import { collectGarbage } from './collect-garbage.ts';
import { compared, type Figure, type Measurement } from './figure.ts';
import { countMessages, type LegStory, legStories } from './leg-story.ts';
import { storedEvent } from './stored-event.ts';
import { inTemporaryDirectory } from './temporary.ts';

const CALLS = 2000;
const WARM_UP = 2;
const ROUNDS = 7;

const fill = async (store: EventStore, stories: readonly LegStory[]): Promise<void> => {
  await Promise.all(
    stories.map(({ stream, messages }) => store.append(stream, 'no-stream', messages.map(storedEvent))),
  );
};

const expectDone = (status: string): void => {
  if (status !== 'done') throw new Error('a leg did not come to its end');
};

/** Each leg as the runtime loads it: its stream, from the store, into its state. */
const rebuilding = (store: EventStore) => async (streams: readonly string[]) => {
  for (const stream of streams) {
    const { snapshot } = await rebuild(store, legKind, stream, { remember: 256, snapshotEvery: 500 });
    expectDone(snapshot.status);
  }
};

/** The same rows and the same machine with nothing between them. */
function bare(file: string) {
  const database = new DatabaseSync(file, { readOnly: true });
  const read = database.prepare(
    `SELECT id, type, time, data FROM events
     WHERE stream = (SELECT key FROM streams WHERE name = ?) ORDER BY revision`,
  );
  return {
    async run(streams: readonly string[]): Promise<void> {
      for (const stream of streams) {
        let snapshot = initialSnapshot(legKind) as never;
        for (const { id, type, time, data } of read.all(stream)) {
          const event = { type, id, time, data: JSON.parse(data as string) };
          [snapshot] = transition(legKind.machine as never, snapshot, event as never) as unknown as [never];
        }
        expectDone((snapshot as { status: string }).status);
      }
    },
    close: () => database.close(),
  };
}

async function cpuSeconds(work: () => Promise<void>): Promise<number> {
  collectGarbage();
  const before = process.threadCpuUsage();
  await work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1e6;
}

export const replay: Measurement = {
  name: 'replay',
  about: 'stored events a second that are read and stepped through into states',
  measure: (say) =>
    inTemporaryDirectory(async (directory): Promise<Figure[]> => {
      const file = join(directory, 'events.db');
      const store = openSqliteEventStore({ file });
      const stories = legStories(CALLS);
      await fill(store, stories);
      const direct = bare(file);
      const streams = stories.map(({ stream }) => stream);
      const variants = [direct.run, rebuilding(store)];
      const rates: number[][] = variants.map(() => []);
      for (let round = 0; round < WARM_UP + ROUNDS; round++) {
        for (const [index, variant] of variants.entries()) {
          const rate = countMessages(stories) / (await cpuSeconds(() => variant(streams)));
          if (round >= WARM_UP) rates[index]!.push(rate);
        }
        say(`round ${round + 1} of ${WARM_UP + ROUNDS}`);
      }
      direct.close();
      await store.close();
      const peer = { name: 'bare node:sqlite and XState', values: rates[0]! };
      return [compared('actors rebuilt', 'events/CPU-s', rates[1]!, peer)];
    }),
};
