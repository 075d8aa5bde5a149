import { pruneJournal, schedule } from '@tandem/actors/retention';
import type { Checkpoints, EventStore } from '@tandem/actors/stores/event-store';
import { pruneCalls } from '@tandem/projections/retention';
import type { MainConfig, RegionConfig } from '../config/index.ts';
import { ageOf } from '../config/index.ts';
import type { Log } from '../log/index.ts';

const NOTHING = { close: async () => {} };

export interface PruneCallsHourlyOptions {
  readonly config: Pick<MainConfig, 'main' | 'retention' | 'store'>;
  readonly store: EventStore;
  readonly checkpoints: Checkpoints;
  readonly log: Log;
}

/** Archives the calls of a main region that ended long enough ago, about once an hour. None are when that is not wanted. */
export function pruneCallsHourly({ config, store, checkpoints, log }: PruneCallsHourlyOptions) {
  const { calls: kept } = config.retention;
  const age = ageOf(kept);
  if (age === undefined) return NOTHING;
  return schedule({
    async run(signal) {
      const pruned = await pruneCalls(
        {
          store,
          checkpoints,
          shared: !config.store.startsWith('sqlite:'),
          age,
          region: config.main,
          retention: `${kept} days`,
          onNotArchived: (err, call) =>
            log.error({ err, call }, 'a call cannot be read, so it is not archived'),
        },
        signal,
      );
      if (pruned.streams > 0) log.info({ ...pruned, days: kept }, 'calls were archived');
    },
    onError: (err) => log.error({ err }, 'calls were not archived; it is tried again in an hour'),
  });
}

export interface PruneJournalHourlyOptions {
  readonly config: Pick<RegionConfig, 'link' | 'retention'>;
  readonly journal: EventStore;
  readonly checkpoints: Checkpoints;
  /** Names of the checkpoints of those who read the journal in this process. */
  readonly readers: () => readonly string[];
  readonly log: Log;
}

/** Removes from a gateway's journal what is over, about once an hour. Nothing is removed when that is not wanted. */
export function pruneJournalHourly({ config, readers, log, ...stores }: PruneJournalHourlyOptions) {
  const age = ageOf(config.retention.journal);
  if (age === undefined) return NOTHING;
  return schedule({
    async run(signal) {
      const streams = await pruneJournal({ ...stores, age, readers: readers() }, signal);
      if (streams > 0) log.info({ streams, days: config.retention.journal }, 'the journal was pruned');
    },
    onError: (err) => log.error({ err }, 'the journal was not pruned; it is tried again in an hour'),
  });
}
