import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EventStore } from '@tandem/actors/stores/event-store';
import { openSqliteEventStore } from '@tandem/actors/stores/sqlite';
import { callsProjection } from '../calls/calls-projection.ts';
import {
  type CallsReader,
  type CallsReadModel,
  openCallsReader,
  openCallsReadModel,
} from '../calls/calls-read-model.ts';
import { openReads, type Reads } from '../reads/reads.ts';
import { type Projector, type ProjectorOptions, startProjector } from '../runner/projector.ts';

/** An event store and the read model of its calls, in a directory that is gone at the end. */
export interface ReadModelFixture {
  readonly file: string;
  readonly store: EventStore;
  readonly calls: CallsReadModel;
  readonly reader: CallsReader;
  readonly reads: Reads;
  start(options?: Partial<ProjectorOptions>): Projector;
  /** Waits until the read model has every event of the store. */
  caughtUp(): Promise<void>;
  close(): Promise<void>;
}

export async function openFixture(): Promise<ReadModelFixture> {
  const directory = await mkdtemp(join(tmpdir(), 'tandem-projections-'));
  const file = join(directory, 'calls.db');
  const store = openSqliteEventStore({ file: join(directory, 'events.db') });
  const calls = openCallsReadModel({ file });
  const reader = openCallsReader({ file });
  const reads = openReads({ file, store: `sqlite:${join(directory, 'events.db')}` });
  const started: Projector[] = [];
  const position = () =>
    calls.database.writer.prepare("SELECT position FROM checkpoints WHERE name = 'calls'").get()?.position;
  return {
    file,
    store,
    calls,
    reader,
    reads,
    start(options = {}) {
      const projector = startProjector({
        store,
        database: calls.database,
        projection: callsProjection(calls.database),
        ...options,
      });
      started.push(projector);
      return projector;
    },
    async caughtUp() {
      const [last] = await Array.fromAsync(store.readAll({ direction: 'backwards', limit: 1 }));
      while (position() !== last?.position) await nextTurn();
    },
    async close() {
      for (const projector of started) await projector.close();
      await reads.close();
      reader.close();
      await store.close();
      calls.close();
      await rm(directory, { recursive: true });
    },
  };
}
