import { pruneJournal } from '@tandem/actors/retention/prune-journal.ts';
import { schedule } from '@tandem/actors/retention/schedule.ts';
import type { Checkpoints } from '@tandem/actors/stores/checkpoints.ts';
import type { EventStore } from '@tandem/actors/stores/event-store.ts';
import { ageOf } from './config/fields.ts';
import type { RegionConfig } from './config/region-config.ts';
import type { Log } from './log.ts';

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
  if (age === undefined) return { close: async () => {} };
  return schedule({
    async run(signal) {
      const streams = await pruneJournal({ ...stores, age, readers: readers() }, signal);
      if (streams > 0) log.info({ streams, days: config.retention.journal }, 'the journal was pruned');
    },
    onError: (err) => log.error({ err }, 'the journal was not pruned; it is tried again in an hour'),
  });
}
