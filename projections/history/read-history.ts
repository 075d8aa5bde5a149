import { TandemError } from '@tandem/actors/errors';
import {
  type CallHistory,
  type HistoryStep,
  momentOf,
  readCallHistory,
  replayCall,
} from '@tandem/actors/history';
import type { EventStore } from '@tandem/actors/stores/event-store';
import type { CallRow } from '../calls/index.ts';
import { withQuery } from '../paging/index.ts';
import { eventResource, momentResource } from './history-resource.ts';

/** Events of a history that is rebuilt; a longer one is shown stream by stream. */
export const MOST_EVENTS = 50_000;
/** Steps between two looks at the clock. */
const STRETCH = 100;

/** The call whose history holds that of a call or of a leg that it dialled. */
export const rootOf = ({ sid, parentCallSid }: CallRow): string => parentCallSid ?? sid;

async function historyOf(store: EventStore, call: CallRow): Promise<CallHistory> {
  const history = await readCallHistory(store, rootOf(call), { limit: MOST_EVENTS });
  if (!history) throw new TandemError('api.not-found', { what: 'call' });
  return history;
}

/** A page of the events of a call and its legs, with what each did. */
export async function eventsOf(
  store: EventStore,
  call: CallRow,
  { page, pageSize }: { readonly page: number; readonly pageSize: number },
  goOn: () => void,
) {
  const history = await historyOf(store, call);
  const first = page * pageSize;
  const events: ReturnType<typeof eventResource>[] = [];
  for (const step of watched(replayCall(history), goOn)) {
    if (step.index >= first + pageSize) break;
    if (step.index >= first) events.push(eventResource(step));
  }
  const total = history.events.length;
  const next = withQuery(`/v1/Calls/${call.sid}/Events`, { PageSize: pageSize, Page: page + 1 });
  return {
    call_sid: history.callSid,
    events,
    page,
    page_size: pageSize,
    total,
    next_page_uri: first + pageSize < total ? next : null,
  };
}

/** A call as it was right after an event; after the last one without an index. */
export async function momentAt(store: EventStore, call: CallRow, at: number | undefined, goOn: () => void) {
  const history = await historyOf(store, call);
  const steps = watched(replayCall(history), goOn);
  return momentResource(await momentOf(history, at ?? history.events.length - 1, steps));
}

function* watched(steps: Iterable<HistoryStep>, goOn: () => void): Generator<HistoryStep> {
  for (const step of steps) {
    if (step.index % STRETCH === STRETCH - 1) goOn();
    yield step;
  }
}
