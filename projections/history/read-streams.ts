import { TandemError } from '@tandem/actors/errors';
import { hideKeys, namesToHide } from '@tandem/actors/history';
import { callStream, legStream } from '@tandem/actors/names';
import type { EventStore, RecordedEvent } from '@tandem/actors/stores/event-store';
import type { CallRow, CallsReader } from '../calls/index.ts';
import { withQuery } from '../paging/index.ts';
import { rootOf } from './read-history.ts';

/** The streams of a call and of its legs; those of pipes are named by events of the call’s. */
export function streamsOf(calls: CallsReader, accountSid: string, call: CallRow) {
  const callSid = rootOf(call);
  const root = calls.find(accountSid, callSid);
  const legs = [...(root ? [root] : []), ...calls.dialledBy(accountSid, callSid)];
  return { call_sid: callSid, streams: [callStream(callSid), ...legs.map(({ legId }) => legStream(legId))] };
}

/** Some events of a stream of the call, as they are stored: any number of them can be read, page by page. */
export async function streamEvents(
  store: EventStore,
  call: CallRow,
  { stream, from, pageSize }: { readonly stream: string; readonly from: number; readonly pageSize: number },
) {
  const callSid = rootOf(call);
  const [first] = await Array.fromAsync(store.readStream(stream, { limit: 1 }));
  if (first?.correlation !== callSid) throw new TandemError('api.not-found', { what: 'stream' });
  const hidden = namesToHide(partiesOf(first));
  const events = await Array.fromAsync(store.readStream(stream, { from, limit: pageSize }));
  const next = withQuery(`/v1/Calls/${call.sid}/Streams/${stream}`, {
    From: from + pageSize,
    PageSize: pageSize,
  });
  return {
    call_sid: callSid,
    stream,
    events: events.map((event) => storedResource(event, hidden)),
    next_page_uri: events.length === pageSize ? next : null,
  };
}

/** Whose leg it is, as its first event says: the caller's, or one that we dialled. */
const partiesOf = ({ type, data }: RecordedEvent) => ({
  direction: type === 'LegOffered' ? 'inbound' : 'outbound',
  from: (data as { from?: unknown }).from,
});

const storedResource = (event: RecordedEvent, hidden: ReadonlySet<string>) => ({
  time: new Date(event.time).toISOString(),
  stream: event.stream,
  revision: event.revision,
  id: event.id,
  type: event.type,
  version: event.version,
  region: event.region,
  cause: event.cause,
  data: hideKeys(event.data, hidden),
});
