import { isTandemError, TandemError } from '@tandem/actors/errors';
import type { EventStore } from '@tandem/actors/stores/event-store';
import type { CallRow, CallsReader } from '../calls/index.ts';
import { callResource, callsPage, newestCallsPage } from '../calls/index.ts';
import { decisionsOf, eventsOf, momentAt, rootOf, streamEvents, streamsOf } from '../history/index.ts';
import type { ReadRequest } from './read-request.ts';

export interface ReadFrom {
  readonly calls: CallsReader;
  readonly store: () => Promise<EventStore>;
  /** To be called now and then: throws when the time for an answer is over. */
  readonly goOn: () => void;
}

/** What an account asked for, as the API shows it. @throws api.*, runtime.unknown-event, runtime.unknown-version, store.* */
export async function answerRead(
  { calls, store, goOn }: ReadFrom,
  accountSid: string,
  request: ReadRequest,
): Promise<unknown> {
  if (request.type === 'calls') return callsPage(calls, accountSid, request.query, goOn);
  if (request.type === 'newest-calls') return newestCallsPage(calls, request.query, goOn);
  const call = findCall(calls, accountSid, request.sid);
  if (request.type === 'call') return callResource({ ...call, accountSid });
  if (call.archivedAt !== null)
    throw new TandemError('api.archived', {
      callSid: rootOf(call),
      at: new Date(call.archivedAt).toISOString(),
      retention: call.archivedBy ?? '',
    });
  try {
    return await answerFromStore({ calls, store, goOn }, accountSid, call, request);
  } catch (error) {
    // It is being archived at this moment.
    if (isTandemError(error, 'store.stream-deleted'))
      throw new TandemError('api.archived', { callSid: rootOf(call) });
    throw error;
  }
}

async function answerFromStore(
  { calls, store, goOn }: ReadFrom,
  accountSid: string,
  call: CallRow,
  request: Exclude<ReadRequest, { readonly type: 'call' | 'calls' | 'newest-calls' }>,
): Promise<unknown> {
  switch (request.type) {
    case 'streams':
      return streamsOf(calls, accountSid, call);
    case 'stream-events':
      return streamEvents(await store(), call, request);
    case 'events':
      return eventsOf(await store(), call, request, goOn);
    case 'replay':
      return momentAt(await store(), call, request.at, goOn);
    case 'decisions':
      return decisionsOf(await store(), call, request.operator, goOn);
  }
}

/** A call of the account. @throws api.not-found */
function findCall(calls: CallsReader, accountSid: string, sid: string): CallRow {
  const call = calls.find(accountSid, sid);
  if (!call) throw new TandemError('api.not-found', { what: 'call' });
  return call;
}
