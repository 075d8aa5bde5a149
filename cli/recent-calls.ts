import { TandemError } from '@tandem/actors/errors/tandem-error.ts';
import { type CallHistory, readCallHistory } from '@tandem/actors/history/call-history.ts';
import type { EventStore } from '@tandem/actors/stores/event-store.ts';
import type { CallRow } from '@tandem/projections/calls/call-row.ts';
import { projectCalls } from '@tandem/projections/calls/project-call.ts';
import { nearest } from './config/nearest.ts';

/** A call with its dialled legs, as the REST API has them too. */
export interface ListedCall {
  readonly call: CallRow;
  readonly legs: readonly CallRow[];
}

/** Sids of the newest calls, newest first. */
export async function* recentSids(store: EventStore, limit: number): AsyncGenerator<string> {
  let left = limit;
  for await (const { type, stream } of store.readAll({ direction: 'backwards' })) {
    if (type !== 'CallReceived') continue;
    yield stream.slice('call-'.length);
    left -= 1;
    if (left === 0) return;
  }
}

/** The newest calls, newest first. */
export async function* recentCalls(store: EventStore, limit: number): AsyncGenerator<ListedCall> {
  for await (const sid of recentSids(store, limit)) {
    const history = await readCallHistory(store, sid);
    if (history) yield listedCall(history);
  }
}

/** A call as its history says it is. */
export function listedCall({ callSid, events }: CallHistory): ListedCall {
  const rows = projectCalls(events);
  const call = rows.find(({ sid }) => sid === callSid)!;
  return { call, legs: rows.filter((row) => row !== call) };
}

/** How many calls are compared with a sid that is not known. */
const COMPARED = 1000;

/**
 * The history of a call, also by the sid of one of its dialled legs.
 *
 * @throws api.unknown-call, with the sid that was perhaps meant
 */
export async function findHistory(store: EventStore, callSid: string): Promise<CallHistory> {
  const history = (await readCallHistory(store, callSid)) ?? (await historyOfLeg(store, callSid));
  if (history) return history;
  const recent = await Array.fromAsync(recentSids(store, COMPARED));
  throw new TandemError('api.unknown-call', { callSid, meant: suggestion(callSid, recent) });
}

/** The history of the call that dialled a leg, by the sid that the leg has as a call of its own. */
async function historyOfLeg(store: EventStore, sid: string): Promise<CallHistory | undefined> {
  for await (const { correlation } of store.readStream(`leg-LE${sid.slice(2)}`, { limit: 1 }))
    return readCallHistory(store, correlation);
  return undefined;
}

function suggestion(written: string, recent: readonly string[]): string {
  const [newest] = recent;
  if (newest === undefined) return ' It holds no call at all.';
  const begins = recent.filter((sid) => sid.startsWith(written));
  const meant = begins.length === 1 ? begins[0] : nearest(written, recent, 3);
  return meant ? ` Did you mean ${meant}?` : ` Its newest is ${newest}.`;
}
