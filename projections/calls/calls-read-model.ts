import type { SQLInputValue } from 'node:sqlite';
import { openSqliteFileForReading } from '@tandem/actors/stores/sqlite';
import type { CallCursor } from '../paging/index.ts';
import { openReadModelDatabase, type ReadModelDatabase } from '../runner/index.ts';
import type { ListedCall } from './call-entry.ts';
import type { CallRow } from './call-row.ts';
import { CALL_SCHEMA, fromRecord } from './call-schema.ts';
import type { CallStatus } from './call-status.ts';

/** At or after one time, and before another; milliseconds since the Unix epoch. */
export interface Between {
  readonly from: number;
  readonly before: number;
}

/** What calls are asked for. */
export interface CallFilter {
  readonly to?: string;
  readonly from?: string;
  readonly status?: CallStatus;
  readonly parentCallSid?: string;
  readonly started?: Between;
  readonly ended?: Between;
}

export interface CallPage {
  readonly calls: readonly CallRow[];
  readonly hasMore: boolean;
}

/** The calls of this process's read model, to be written. */
export interface CallsReadModel {
  readonly database: ReadModelDatabase;
  close(): void;
}

/** Opens the read model of calls in a file, to write it. @throws store.unavailable */
export function openCallsReadModel({ file }: { readonly file: string }): CallsReadModel {
  const database = openReadModelDatabase(file, CALL_SCHEMA);
  return { database, close: () => database.close() };
}

/** Reads what the read model of calls holds. It keeps its thread busy until it knows, so it has one of its own. */
export interface CallsReader {
  /** A call of an account; nothing when it is another account's. */
  find(accountSid: string, sid: string): CallRow | undefined;
  /** Calls that a call dialled, in no order. */
  dialledBy(accountSid: string, sid: string): readonly CallRow[];
  /** An account's calls, newest first. @throws what `goOn` throws */
  list(accountSid: string, filter: CallFilter, limit: number, options?: ListOptions): CallPage;
  /** The calls of all accounts with the legs that they dialled, newest first. @throws what `goOn` throws */
  newest(limit: number, options?: NewestOptions): { calls: readonly ListedCall[]; hasMore: boolean };
  close(): void;
}

export interface ListOptions {
  readonly cursor?: CallCursor;
  /** Called after each some thousand calls that were looked at; what it throws ends the search. */
  readonly goOn?: () => void;
  /** Calls looked at between two calls of it. */
  readonly stretch?: number;
}

export interface NewestOptions {
  /** Of the call after which they are wanted. */
  readonly cursor?: Pick<CallCursor, 'startedAt' | 'sid'>;
  /** Called after each account and each call; what it throws ends the search. */
  readonly goOn?: () => void;
}

/** Calls that are looked at in one statement: some milliseconds of a disk that is quick. */
const STRETCH = 2_000;
/** Calls that are counted to find the filter that leaves the fewest. */
const COUNTED = 2_000;
/** Milliseconds by which the clock that says a call's end may be behind the one that said its start. */
const SKEW = 3_600_000;

/** Before or at a place in the order of calls, by start and then by SID. */
type Place = readonly [startedAt: number, sid: string];

const FIRST: Place = [0, ''];
const LAST: Place = [Number.MAX_SAFE_INTEGER, ''];

const isBefore = (one: Place, other: Place): boolean =>
  one[0] < other[0] || (one[0] === other[0] && one[1] < other[1]);
const earlier = (one: Place, other: Place): Place => (isBefore(one, other) ? one : other);
const later = (one: Place, other: Place): Place => (isBefore(one, other) ? other : one);

/** A way through calls: all of an account, or those with one value in a column, by an index that has them in order. */
interface Way {
  readonly index: string;
  readonly condition: string;
  readonly values: readonly string[];
}

/** Opens the read model of calls in a file, to read it. @throws store.unavailable */
export function openCallsReader({ file }: { readonly file: string }): CallsReader {
  const { database, release } = openSqliteFileForReading(file);
  const one = database.prepare('SELECT * FROM calls WHERE account_sid = ? AND sid = ?');
  const dialled = database.prepare('SELECT * FROM calls WHERE account_sid = ? AND parent_call_sid = ?');

  /** The way that meets the fewest calls, as far as a glance shows. */
  const shortestWay = (accountSid: string, filter: CallFilter, from: Place, before: Place): Way => {
    const ways = waysOf(accountSid, filter);
    if (ways.length <= 2) return ways.at(-1)!;
    const counted = ways.slice(1).map((way) => {
      const sql = `SELECT count(*) AS calls FROM (SELECT 1 FROM calls INDEXED BY ${way.index}
        WHERE ${way.condition} AND (started_at, sid) >= (?, ?) AND (started_at, sid) < (?, ?) LIMIT ${COUNTED})`;
      return { way, calls: Number(database.prepare(sql).get(...way.values, ...from, ...before)!.calls) };
    });
    return counted.reduce((best, next) => (next.calls < best.calls ? next : best)).way;
  };

  const list: CallsReader['list'] = (accountSid, filter, limit, options = {}) => {
    const { cursor, goOn = () => {}, stretch = STRETCH } = options;
    const backwards = cursor?.direction === 'before';
    let [from, before] = spanOf(filter, cursor);
    const way = shortestWay(accountSid, filter, from, before);
    const { where, values } = conditions(filter);
    const order = backwards ? 'ASC' : 'DESC';
    const within = `FROM calls INDEXED BY ${way.index} WHERE ${way.condition}
      AND (started_at, sid) >= (?, ?) AND (started_at, sid) < (?, ?)`;
    const inOrder = `ORDER BY started_at ${order}, sid ${order}`;
    const edge = database.prepare(`SELECT started_at, sid ${within} ${inOrder} LIMIT 1 OFFSET ?`);
    const wanted = database.prepare(`SELECT * ${within} ${where} ${inOrder} LIMIT ?`);
    const calls: CallRow[] = [];
    for (;;) {
      // Where this stretch ends; nothing when it is the last.
      const found = edge.get(...way.values, ...from, ...before, stretch);
      const end = found && ([Number(found.started_at), String(found.sid)] as const);
      const span = end === undefined ? [from, before] : backwards ? [from, end] : [justAfter(end), before];
      const left = limit + 1 - calls.length;
      const records = wanted.all(...way.values, ...span.flat(), ...values, left);
      calls.push(...records.map(fromRecord));
      if (calls.length > limit || end === undefined) break;
      if (backwards) from = end;
      else before = justAfter(end);
      goOn();
    }
    const page = calls.slice(0, limit);
    return { calls: backwards ? page.reverse() : page, hasMore: calls.length > limit };
  };

  const nextAccount = database.prepare('SELECT min(account_sid) AS sid FROM calls WHERE account_sid > ?');
  const newestOf = database.prepare(`SELECT started_at, sid FROM calls INDEXED BY calls_by_parent
    WHERE account_sid IS ? AND parent_call_sid IS NULL AND (started_at, sid) < (?, ?)
    ORDER BY started_at DESC, sid DESC LIMIT ?`);
  const bySid = database.prepare('SELECT * FROM calls WHERE sid = ?');
  const legsOf = database.prepare(`SELECT * FROM calls INDEXED BY calls_by_parent
    WHERE account_sid IS ? AND parent_call_sid = ? ORDER BY started_at, sid`);

  /** The accounts that have calls, and nobody, whose are those to numbers that nobody has. */
  const accounts = function* (): Generator<string | null> {
    yield null;
    for (let sid = nextAccount.get('')?.sid ?? null; sid !== null; sid = nextAccount.get(sid)?.sid ?? null)
      yield String(sid);
  };

  const newest: CallsReader['newest'] = (limit, { cursor, goOn = () => {} } = {}) => {
    const before: Place = cursor ? [cursor.startedAt, cursor.sid] : LAST;
    let places: Place[] = [];
    // An index of all calls by their start would cost every call more than an operator's question is worth.
    for (const account of accounts()) {
      const found = newestOf.all(account, ...before, limit + 1);
      places.push(...found.map((place): Place => [Number(place.started_at), String(place.sid)]));
      places = places.sort((one, other) => (isBefore(one, other) ? 1 : -1)).slice(0, limit + 1);
      goOn();
    }
    const calls = places.slice(0, limit).map(([, sid]) => {
      goOn();
      const call = fromRecord(bySid.get(sid)!);
      return { call, legs: legsOf.all(call.accountSid, sid).map(fromRecord) };
    });
    return { calls, hasMore: places.length > limit };
  };

  return {
    newest,
    find(accountSid, sid) {
      const record = one.get(accountSid, sid);
      return record && fromRecord(record);
    },
    dialledBy: (accountSid, sid) => dialled.all(accountSid, sid).map(fromRecord),
    list,
    close: release,
  };
}

/** The place right after another: no SID has a character that sorts before this one. */
const justAfter = ([startedAt, sid]: Place): Place => [startedAt, `${sid}\u0001`];

/** The calls that may be wanted, as far as their place in the order says. */
function spanOf(
  { started, ended }: CallFilter,
  cursor: CallCursor | undefined,
): [from: Place, before: Place] {
  let from: Place = started ? [started.from, ''] : FIRST;
  let before: Place = started ? [started.before, ''] : LAST;
  // What has ended by then has begun by then.
  if (ended) before = earlier(before, [Math.min(ended.before, Number.MAX_SAFE_INTEGER - SKEW) + SKEW, '']);
  if (cursor?.direction === 'after') before = earlier(before, [cursor.startedAt, cursor.sid]);
  if (cursor?.direction === 'before') from = later(from, justAfter([cursor.startedAt, cursor.sid]));
  return [from, before];
}

/** All of the account's calls, and those of them that each filter by a value leaves. */
function waysOf(accountSid: string, { to, from, status, parentCallSid }: CallFilter): Way[] {
  const way = (index: string, column: string, value: string): Way => ({
    index,
    condition: `account_sid = ? AND ${column} = ?`,
    values: [accountSid, value],
  });
  return [
    { index: 'calls_by_account', condition: 'account_sid = ?', values: [accountSid] },
    ...(parentCallSid === undefined ? [] : [way('calls_by_parent', 'parent_call_sid', parentCallSid)]),
    ...(from === undefined ? [] : [way('calls_by_from', 'from_party', from)]),
    ...(to === undefined ? [] : [way('calls_by_to', 'to_party', to)]),
    ...(status === undefined ? [] : [way('calls_by_status', 'status', status)]),
  ];
}

/** What else is asked of a call. */
function conditions({ to, from, status, parentCallSid, ended }: CallFilter) {
  const wanted: [string, ...SQLInputValue[]][] = [];
  if (to !== undefined) wanted.push(['to_party = ?', to]);
  if (from !== undefined) wanted.push(['from_party = ?', from]);
  if (status !== undefined) wanted.push(['status = ?', status]);
  if (parentCallSid !== undefined) wanted.push(['parent_call_sid = ?', parentCallSid]);
  if (ended) wanted.push(['ended_at >= ? AND ended_at < ?', ended.from, ended.before]);
  return {
    where: wanted.map(([condition]) => `AND ${condition}`).join(' '),
    values: wanted.flatMap(([, ...values]) => values),
  };
}
