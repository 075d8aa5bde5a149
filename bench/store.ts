import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { EventStore, NewEvent } from '@tandem/actors/stores/event-store';
import { openSqliteEventStore, prepareSchema } from '@tandem/actors/stores/sqlite';
import { collectGarbage } from './collect-garbage.ts';
import { type Aim, compared, type Figure, type Measurement } from './figure.ts';
import { legStories } from './leg-story.ts';
import { storedEvent } from './stored-event.ts';
import { inTemporaryDirectory } from './temporary.ts';

const BATCHES = [1, 10, 100, 1000];
const ROUNDS = 15;
/** Events a round, by batch: a round takes some tenths of a second. */
const eventsIn = (batch: number): number => Math.min(batch * 400, 10_000);

/** Events of one leg after the other, as a region stores them; each leg is a stream. */
function* legEvents(count: number, run: number): Generator<{ stream: string; events: NewEvent[] }> {
  let left = count;
  for (const { stream, messages } of legStories(Math.ceil(count / 17), run)) {
    if (left <= 0) return;
    const taken = messages.slice(0, left);
    left -= taken.length;
    const events = taken.map(storedEvent);
    yield { stream, events };
  }
}

/** One thing to store: the next event of a stream. */
interface Entry {
  readonly stream: string;
  readonly revision: number;
  readonly event: NewEvent;
}

/**
 * Batches in which no stream occurs twice, as many callers bring them: each waits for its own event before it
 * brings the next.
 */
function batches(size: number, run: number): Entry[][] {
  const rounds: Entry[][] = [];
  const lanes: Entry[][] = Array.from({ length: size }, () => []);
  for (const [index, { stream, events }] of [...legEvents(eventsIn(size), run)].entries())
    lanes[index % size]!.push(...events.map((event, revision) => ({ stream, revision, event })));
  for (let at = 0; ; at++) {
    const round = lanes.flatMap((lane) => lane[at] ?? []);
    if (round.length < size) return rounds;
    rounds.push(round);
  }
}

/** What a program would write that knows its streams and revisions and has SQLite make each commit durable. */
function bareSqlite(file: string) {
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864');
  prepareSchema(database, false);
  const insertStream = database.prepare('INSERT INTO streams (name) VALUES (?)');
  const insertEvent = database.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const keys = new Map<string, number>();
  let position = 0;

  const insert = ({ stream, revision, event }: Entry): void => {
    if (revision === 0) keys.set(stream, Number(insertStream.run(stream).lastInsertRowid));
    const { id, type, version, time, region, cause, correlation, data } = event;
    const key = keys.get(stream)!;
    const json = JSON.stringify(data);
    position += 1;
    insertEvent.run(position, key, revision, id, type, version, time, region, cause, correlation, json);
  };

  return {
    async run(rounds: readonly Entry[][]): Promise<void> {
      for (const round of rounds) {
        database.exec('BEGIN IMMEDIATE');
        for (const entry of round) insert(entry);
        database.exec('COMMIT');
      }
    },
    close: () => database.close(),
  };
}

const throughStore = (store: EventStore) => async (rounds: readonly Entry[][]) => {
  for (const round of rounds)
    await Promise.all(
      round.map(({ stream, revision, event }) =>
        store.append(stream, revision === 0 ? 'no-stream' : revision - 1, [event]),
      ),
    );
};

interface Rate {
  /** Appends per second of the clock on the wall: waiting for the disk is part of it. */
  readonly elapsed: number;
  /** Appends per second of this process's CPU time, all threads. */
  readonly cpu: number;
}

async function rate(
  run: (rounds: readonly Entry[][]) => Promise<void>,
  rounds: readonly Entry[][],
): Promise<Rate> {
  const appends = rounds.length * rounds[0]!.length;
  collectGarbage();
  const [start, before] = [performance.now(), process.cpuUsage()];
  await run(rounds);
  const { user, system } = process.cpuUsage(before);
  return { elapsed: appends / ((performance.now() - start) / 1000), cpu: appends / ((user + system) / 1e6) };
}

export const store: Measurement = {
  name: 'store',
  about: 'durable appends a second to the SQLite event store, against bare node:sqlite',
  measure: (say) =>
    inTemporaryDirectory(async (directory): Promise<Figure[]> => {
      const ours = openSqliteEventStore({ file: join(directory, 'ours.db') });
      const bare = bareSqlite(join(directory, 'bare.db'));
      const variants = [bare.run, throughStore(ours)];
      const rates = BATCHES.map(() => variants.map((): Rate[] => []));
      for (let round = 0; round <= ROUNDS; round++) {
        for (const [index, batch] of BATCHES.entries()) {
          const rounds = batches(batch, round * BATCHES.length + index);
          // They take turns at going first.
          for (const variant of round % 2 === 0 ? [0, 1] : [1, 0]) {
            const measured = await rate(variants[variant]!, rounds);
            // The first round warms up.
            if (round > 0) rates[index]![variant]!.push(measured);
          }
        }
        say(`round ${round} of ${ROUNDS}`);
      }
      await ours.close();
      bare.close();
      const figure = (index: number, measure: keyof Rate, unit: string, aim?: Aim): Figure => {
        const [bareRates, ourRates] = rates[index]!.map((all) => all.map((one) => one[measure]));
        const peer = { name: 'bare node:sqlite', values: bareRates! };
        return compared(`${BATCHES[index]} a commit`, unit, ourRates!, peer, aim);
      };
      return [
        ...BATCHES.map((_, index) => figure(index, 'elapsed', 'appends/s', { atLeastRatio: 0.9 })),
        ...BATCHES.map((_, index) => figure(index, 'cpu', 'appends/CPU-s')),
      ];
    }),
};
