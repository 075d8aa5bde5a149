import type { Command } from 'commander';
import { STORE_HELP, type StoreOptions, takesStore } from '../command-line/index.ts';

/** `tandem call SID`: what happened in a call, event by event. */
export function registerCall(program: Command): void {
  takesStore(program.command('call'))
    .description('Tell what happened in a call, event by event: when, to whom, which state, what was sent.')
    .argument('<sid>', 'the call’s sid, as `tandem calls` lists it')
    .addHelpText(
      'after',
      `
The states come from the stored events, stepped through the machines that ran the call.
${STORE_HELP}

Examples:
  tandem call CA0123456789abcdef0123456789abcdef
  tandem call CA0123456789abcdef0123456789abcdef --store sqlite:data/us1/events.db | less -S`,
    )
    .action(async (sid: string, options: StoreOptions) => {
      const { replayCall } = await import('@tandem/actors/history');
      const { findHistory, listedCall, openStoreToRead } = await import('../reading/index.ts');
      const { callHeader, timelineLines, lookOf } = await import('../views/index.ts');
      await using opened = new AsyncDisposableStack();
      const store = await openStoreToRead(options);
      opened.defer(() => store.close());
      const history = await findHistory(store, sid);
      const look = lookOf(process.stdout);
      const start = history.events[0]!.time;
      console.log(`${callHeader(listedCall(history), look).join('\n')}\n`);
      for (const step of replayCall(history))
        console.log(timelineLines(step, start, history, look).join('\n'));
    });
}
