import type { CallHistory } from '@tandem/actors/history';
import type { Command } from 'commander';
import { STORE_HELP, type StoreOptions, takesStore, wholeNumber } from '../command-line/index.ts';

interface ReplayOptions extends StoreOptions {
  readonly at?: number;
  readonly json?: boolean;
}

/** `tandem replay SID`: a call’s state at any moment, from its events alone. */
export function registerReplay(program: Command): void {
  takesStore(program.command('replay'))
    .description('Rebuild every actor of a call from its events, and show the state after each of them.')
    .argument('<sid>', 'the call’s sid, as `tandem calls` lists it')
    .option('--at <n>', 'the whole state as it was after event n, counted from 0', wholeNumber(0, 1_000_000))
    .option('--json', 'JSON, in place of lines for people')
    .addHelpText(
      'after',
      `
The same machines step through the events that ran the call; nothing is sent.
${STORE_HELP}

Examples:
  tandem replay CA0123456789abcdef0123456789abcdef
  tandem replay CA0123456789abcdef0123456789abcdef --at 12
  tandem replay CA0123456789abcdef0123456789abcdef --json | jq '.events[12].snapshot'`,
    )
    .action(async (sid: string, options: ReplayOptions) => {
      const { findHistory, openStoreToRead } = await import('../reading/index.ts');
      await using opened = new AsyncDisposableStack();
      const store = await openStoreToRead(options);
      opened.defer(() => store.close());
      const history = await findHistory(store, sid);
      if (options.at === undefined) await printSteps(history, options);
      else await printMoment(history, options.at, options);
    });
}

async function printSteps(history: CallHistory, { json }: ReplayOptions): Promise<void> {
  const { replayCall } = await import('@tandem/actors/history');
  if (json) {
    const { eventResource, stateResource } = await import('@tandem/projections/history');
    const events = [...replayCall(history)].map((step) => ({
      ...eventResource(step),
      snapshot: stateResource(step).snapshot,
    }));
    console.log(JSON.stringify({ call_sid: history.callSid, events }, null, 2));
    return;
  }
  const { replayLines } = await import('../replay-view/index.ts');
  const { lookOf } = await import('../views/index.ts');
  const look = lookOf(process.stdout);
  for (const step of replayCall(history)) console.log(replayLines(step, history, look).join('\n'));
}

async function printMoment(history: CallHistory, at: number, { json }: ReplayOptions): Promise<void> {
  const { momentOf } = await import('@tandem/actors/history');
  const moment = await momentOf(history, at);
  if (json) {
    const { momentResource } = await import('@tandem/projections/history');
    console.log(JSON.stringify(momentResource(moment), null, 2));
    return;
  }
  const { momentLines, replayLines } = await import('../replay-view/index.ts');
  const { lookOf } = await import('../views/index.ts');
  const look = lookOf(process.stdout);
  console.log(replayLines(moment.step, history, look).join('\n'));
  console.log(momentLines(moment.states, history, look).join('\n').trimEnd());
}
