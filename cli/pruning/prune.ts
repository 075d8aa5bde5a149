import type { EventStore } from '@tandem/actors/stores/event-store';
import { openEventStore } from '@tandem/actors/stores/open';
import { archiveCall, lookAt, type Pruned, pruneCalls } from '@tandem/projections/retention';
import { describeFailure } from '../command-line/index.ts';
import { loadConfig } from '../config/index.ts';
import { openStoreToRead } from '../reading/index.ts';
import { clip, formatDate, lookOf, oneLine } from '../views/index.ts';

export interface PruneCommand {
  readonly olderThan: { readonly milliseconds: number; readonly written: string };
  readonly dryRun?: boolean;
  readonly config?: string;
}

/** Most columns of a number or URI of a peer’s. */
const MOST_OF_PARTY = 18;
const HEADING = line('CALL', 'ENDED (UTC)', 'FROM', 'TO', 'STREAMS');

/**
 * Archives calls of a main region, or only says which it would, a line each.
 *
 * @throws config.*, store.*
 */
export async function prune({ olderThan, dryRun = false, config: file }: PruneCommand): Promise<void> {
  const config = loadConfig('main', file ?? process.env.TANDEM_CONFIG ?? 'main.yaml');
  await using opened = new AsyncDisposableStack();
  const store = dryRun ? await openStoreToRead({ store: config.store }) : await openEventStore(config.store);
  opened.defer(() => store.close());
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  process.once('SIGINT', stop);
  opened.defer(() => void process.off('SIGINT', stop));

  const now = Date.now();
  const about = {
    region: config.main,
    retention: `tandem prune --older-than ${olderThan.written}`,
    now: () => now,
  };
  console.log(lookOf(process.stdout).style.quiet(HEADING));
  const pruned = await pruneCalls(
    {
      ...about,
      store,
      // From the beginning each time: the age may be another one.
      checkpoints: { load: async () => undefined, save: async () => {} },
      shared: true,
      age: olderThan.milliseconds,
      pause: async () => {},
      async archive(callSid, { time }) {
        const streams = await say(store, callSid, time);
        return dryRun ? streams : archiveCall(store, callSid, about);
      },
      ...(dryRun && { remove: async () => true }),
      onNotArchived: (error, callSid) => console.error(`${callSid} stays: ${describeFailure(error)}`),
    },
    stopping.signal,
  );
  console.log(summary(pruned, now - olderThan.milliseconds, dryRun, stopping.signal.aborted));
}

/** A line about a call; how many streams it has, of which none is one that went before. */
async function say(store: EventStore, callSid: string, ended: number): Promise<number> {
  const look = await lookAt(store, callSid);
  if (!look) return 0;
  const { rows, streams } = look;
  const call = rows.find(({ sid }) => sid === callSid);
  console.log(line(callSid, formatDate(ended), call?.from ?? '', call?.to ?? '', String(streams.length)));
  return streams.length;
}

function line(callSid: string, ended: string, from: string, to: string, streams: string): string {
  const party = (text: string): string => clip(oneLine(text), MOST_OF_PARTY).padEnd(MOST_OF_PARTY);
  return [callSid.padEnd(34), ended.padEnd(19), party(from), party(to), streams].join('  ');
}

function summary({ calls, streams }: Pruned, before: number, dryRun: boolean, stopped: boolean): string {
  const did = dryRun ? 'would be archived' : 'archived';
  const all = `${calls} ${calls === 1 ? 'call' : 'calls'} that ended before ${formatDate(before)} UTC ${did}; ${streams} streams ${dryRun ? 'would go' : 'went'}.`;
  return stopped ? `${all} It was stopped before it was done; run it again.` : all;
}
