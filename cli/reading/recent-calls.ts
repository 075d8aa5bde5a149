import { isTandemError, TandemError } from '@tandem/actors/errors';
import { type CallHistory, readCallHistory } from '@tandem/actors/history';
import { idOf } from '@tandem/actors/names';
import type { EventStore } from '@tandem/actors/stores/event-store';
import { nearest } from '@tandem/actors/text';
import type { ListedCall } from '@tandem/projections/calls';
import { archivedRows, projectCalls } from '@tandem/projections/calls';
import { refuseArchived } from '@tandem/projections/retention';

/**
 * Events that are looked at, from the newest backwards, in a store that does not find calls by itself (EventStoreDB): what
 * one gives in some tenths of a second.
 */
export const LOOK_BACK = 2_000;

/** The newest calls that were found, newest first. */
export interface RecentSids {
  readonly sids: readonly string[];
  /** Where looking ended before there were enough: milliseconds since the Unix epoch. Older calls may be there. */
  readonly endedAt?: number;
}

/** Finds the newest calls, and looks at no more events than it needs, nor at more than `lookBack`. */
export async function recentSids(
  store: EventStore,
  limit: number,
  lookBack = LOOK_BACK,
): Promise<RecentSids> {
  const found = store.readNewest?.('CallReceived');
  const events = found ?? store.readAll({ direction: 'backwards', limit: lookBack });
  const sids: string[] = [];
  let looked = 0;
  for await (const { type, stream, time } of events) {
    if (type === 'CallReceived') sids.push(idOf(stream));
    looked += 1;
    if (sids.length === limit) break;
    if (!found && looked === lookBack) return { sids, endedAt: time };
  }
  return { sids };
}

/** Calls as their histories say they are; without those that were archived or deleted meanwhile. */
export async function* listedCalls(store: EventStore, sids: Iterable<string>): AsyncGenerator<ListedCall> {
  for (const sid of sids) {
    const history = await historyIfKept(store, sid);
    if (history) yield listedCall(history);
  }
}

/** The calls that were archived last, the newest first; none of a store that does not find them. */
export async function archivedCalls(store: EventStore, limit: number): Promise<ListedCall[]> {
  const calls: ListedCall[] = [];
  for await (const event of store.readNewest?.('CallArchived') ?? []) {
    if (calls.length >= limit) break;
    const [call, ...legs] = archivedRows(event);
    // It is in the first part of its archive.
    if (call?.parentCallSid === null) calls.push({ call, legs });
  }
  return calls.sort((one, other) => other.call.startedAt - one.call.startedAt);
}

async function historyIfKept(store: EventStore, callSid: string): Promise<CallHistory | undefined> {
  try {
    return await readCallHistory(store, callSid);
  } catch (error) {
    if (isTandemError(error, 'store.stream-deleted')) return undefined;
    throw error;
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
 * @throws api.unknown-call, with the sid that was perhaps meant; api.archived
 */
export async function findHistory(store: EventStore, callSid: string): Promise<CallHistory> {
  await refuseArchived(store, callSid);
  const history = (await readCallHistory(store, callSid)) ?? (await historyOfLeg(store, callSid));
  if (history) return history;
  const recent = await recentSids(store, COMPARED);
  throw new TandemError('api.unknown-call', { callSid, meant: suggestion(callSid, recent) });
}

/** The history of the call that dialled a leg, by the sid that the leg has as a call of its own. */
async function historyOfLeg(store: EventStore, sid: string): Promise<CallHistory | undefined> {
  try {
    for await (const { correlation } of store.readStream(`leg-LE${sid.slice(2)}`, { limit: 1 }))
      return await readCallHistory(store, correlation);
  } catch (error) {
    if (isTandemError(error, 'store.stream-deleted')) throw new TandemError('api.archived', { callSid: sid });
    throw error;
  }
  return undefined;
}

function suggestion(written: string, { sids, endedAt }: RecentSids): string {
  const [newest] = sids;
  if (newest === undefined) return endedAt === undefined ? ' It holds no call at all.' : '';
  const begins = sids.filter((sid) => sid.startsWith(written));
  const meant = begins.length === 1 ? begins[0] : nearest(written, sids, 3);
  return meant ? ` Did you mean ${meant}?` : ` Its newest is ${newest}.`;
}
