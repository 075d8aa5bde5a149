import type { ListedCall } from '@tandem/projections/calls';
import type { Command } from 'commander';
import { STORE_HELP, type StoreOptions, takesStore, wholeNumber } from '../command-line/index.ts';

interface CallsOptions extends StoreOptions {
  readonly limit: number;
  readonly lookBack: number;
  readonly api?: string;
  readonly json?: boolean;
}

/** Milliseconds for which an API that says nothing is waited for. */
const PATIENCE = 5_000;

/** `tandem calls`: the newest calls. */
export function registerCalls(program: Command): void {
  takesStore(program.command('calls'))
    .description('List the newest calls: who called whom, what became of it, and why it ended.')
    .option('--limit <n>', 'at most so many calls, 1 to 10000', wholeNumber(1, 10_000), 20)
    .option(
      '--look-back <events>',
      'at most so many events of a store that is read and does not find calls by itself (EventStoreDB)',
      wholeNumber(1, 1_000_000_000),
      2_000,
    )
    .option('--api <url>', 'where the API is, when not where the configuration has it listen')
    .option('--json', 'one JSON object a line, in place of a table')
    .addHelpText(
      'after',
      `
The running main region is asked over its REST API, with the first account that the configuration file calls an
operator. The event store is read when it does not answer, or when --store names one: backwards, until there are
enough calls.
${STORE_HELP}

Examples:
  tandem calls
  tandem calls --store sqlite:data/us1/events.db --limit 100
  tandem calls --json | jq 'select(.status == "failed")'`,
    )
    .action(async (options: CallsOptions) => {
      const { callTable, lookOf } = await import('../views/index.ts');
      await using opened = new AsyncDisposableStack();
      const calls = (await askApi(options)) ?? (await readStore(options, opened));
      if (!options.json) {
        const listed = await Array.fromAsync(calls);
        console.log(callTable(listed, lookOf(process.stdout)).join('\n'));
        return;
      }
      for await (const { call, legs } of calls) console.log(JSON.stringify({ ...call, legs }));
    });
}

type Calls = Iterable<ListedCall> | AsyncIterable<ListedCall>;

/** The calls as the main region has them; nothing when a store was named, or when it does not tell. @throws config.* */
async function askApi(options: CallsOptions): Promise<Calls | undefined> {
  if (options.store !== undefined) return undefined;
  const { networkClient } = await import('../network/index.ts');
  const { TandemError } = await import('@tandem/actors/errors');
  const { callsOfApi } = await import('../network/index.ts');
  try {
    return await callsOfApi(await networkClient(options, { patience: PATIENCE }), options.limit);
  } catch (error) {
    if (!(error instanceof TandemError) || !/^api\.|^config\.no-operator$/.test(error.code)) throw error;
    console.error(`The event store is read: ${error.message}`);
    return undefined;
  }
}

async function readStore(options: CallsOptions, opened: AsyncDisposableStack): Promise<Calls> {
  const { archivedCalls, listedCalls, openStoreToRead, recentSids } = await import('../reading/index.ts');
  const store = await openStoreToRead(options);
  opened.defer(() => store.close());
  const { sids, endedAt } = await recentSids(store, options.limit, options.lookBack);
  if (endedAt !== undefined)
    console.error(
      `Calls before ${new Date(endedAt).toISOString()} are not listed: --look-back ${10 * options.lookBack} looks further, and a running main region lists all.`,
    );
  return keptAndArchived(
    listedCalls(store, sids),
    endedAt === undefined && sids.length < options.limit
      ? await archivedCalls(store, options.limit - sids.length)
      : [],
  );
}

async function* keptAndArchived(kept: AsyncIterable<ListedCall>, archived: readonly ListedCall[]) {
  yield* kept;
  yield* archived;
}
