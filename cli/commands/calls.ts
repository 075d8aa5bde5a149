import type { Command } from 'commander';
import {
  openStoreToRead,
  STORE_HELP,
  type StoreOptions,
  takesStore,
  wholeNumber,
} from '../open-store-to-read.ts';

/** `tandem calls`: the newest calls of a store. */
export function registerCalls(program: Command): void {
  takesStore(program.command('calls'))
    .description('List the newest calls: who called whom, what became of it, and why it ended.')
    .option('--limit <n>', 'at most so many calls, 1 to 10000', wholeNumber(1, 10_000), 20)
    .option('--json', 'one JSON object a line, in place of a table')
    .addHelpText(
      'after',
      `${STORE_HELP}

Examples:
  tandem calls
  tandem calls --store sqlite:data/us1/events.db --limit 100
  tandem calls --json | jq 'select(.status == "failed")'`,
    )
    .action(async (options: StoreOptions & { limit: number; json?: boolean }) => {
      const { recentCalls } = await import('../recent-calls.ts');
      const { callTable } = await import('../call-table.ts');
      const { lookOf } = await import('../terminal.ts');
      await using opened = new AsyncDisposableStack();
      const store = await openStoreToRead(options);
      opened.defer(() => store.close());
      if (options.json) {
        for await (const { call, legs } of recentCalls(store, options.limit))
          console.log(JSON.stringify({ ...call, legs }));
        return;
      }
      const calls = await Array.fromAsync(recentCalls(store, options.limit));
      console.log(callTable(calls, lookOf(process.stdout)).join('\n'));
    });
}
