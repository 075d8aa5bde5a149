import { isTandemError } from '@tandem/actors/errors';
import type { EventStore } from '@tandem/actors/stores/event-store';
import { isEnd, routerNamed } from './call-owners.ts';
import type { JournalShipperOptions } from './journal-shipper.ts';

/**
 * The legs and pipes among streams that have not come to their end, with their calls and the routers that had these when
 * they began.
 */
export async function liveCalls(
  journal: EventStore,
  streams: readonly string[],
): Promise<JournalShipperOptions['live']> {
  const live: JournalShipperOptions['live'][number][] = [];
  for (const stream of streams) {
    if (!/^(?:leg|pipe)-/.test(stream) || (await hasEnded(journal, stream))) continue;
    for await (const first of journal.readStream(stream, { limit: 1 }))
      live.push({ stream, callSid: first.correlation, router: routerNamed(first) });
  }
  return live;
}

async function hasEnded(journal: EventStore, stream: string): Promise<boolean> {
  try {
    for await (const last of journal.readStream(stream, { direction: 'backwards', limit: 1 }))
      return isEnd(last);
  } catch (error) {
    if (!isTandemError(error, 'store.stream-deleted')) throw error;
  }
  return true;
}
