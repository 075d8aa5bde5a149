import type { SQLInputValue } from 'node:sqlite';
import { openReadModelDatabase, type ReadModelDatabase } from '../runner/read-model-database.ts';
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

/** A place in the list of an account's calls: after or before the call that it names. */
export interface CallCursor {
  readonly startedAt: number;
  readonly sid: string;
  readonly direction: 'after' | 'before';
}

export interface CallPage {
  readonly calls: readonly CallRow[];
  readonly hasMore: boolean;
}

/** The calls of this process's read model. */
export interface CallsReadModel {
  readonly database: ReadModelDatabase;
  /** A call of an account; nothing when it is another account's. */
  find(accountSid: string, sid: string): CallRow | undefined;
  /** An account's calls, newest first. */
  list(accountSid: string, filter: CallFilter, limit: number, cursor?: CallCursor): CallPage;
  close(): void;
}

/** Opens the read model of calls in a file. @throws store.unavailable */
export function openCallsReadModel({ file }: { readonly file: string }): CallsReadModel {
  const database = openReadModelDatabase(file, CALL_SCHEMA);
  const { reader } = database;
  const one = reader.prepare('SELECT * FROM calls WHERE account_sid = ? AND sid = ?');
  return {
    database,
    find(accountSid, sid) {
      const record = one.get(accountSid, sid);
      return record && fromRecord(record);
    },
    list(accountSid, filter, limit, cursor) {
      const backwards = cursor?.direction === 'before';
      const { where, values } = conditions(accountSid, filter, cursor);
      const order = backwards ? 'ASC' : 'DESC';
      const sql = `SELECT * FROM calls WHERE ${where} ORDER BY started_at ${order}, sid ${order} LIMIT ?`;
      const records = reader.prepare(sql).all(...values, limit + 1);
      const calls = records.slice(0, limit).map(fromRecord);
      return { calls: backwards ? calls.reverse() : calls, hasMore: records.length > limit };
    },
    close: () => database.close(),
  };
}

function conditions(accountSid: string, filter: CallFilter, cursor: CallCursor | undefined) {
  const { to, from, status, parentCallSid, started, ended } = filter;
  const wanted: [string, ...SQLInputValue[]][] = [['account_sid = ?', accountSid]];
  if (to !== undefined) wanted.push(['to_party = ?', to]);
  if (from !== undefined) wanted.push(['from_party = ?', from]);
  if (status !== undefined) wanted.push(['status = ?', status]);
  if (parentCallSid !== undefined) wanted.push(['parent_call_sid = ?', parentCallSid]);
  if (started) wanted.push(['started_at >= ? AND started_at < ?', started.from, started.before]);
  if (ended) wanted.push(['ended_at >= ? AND ended_at < ?', ended.from, ended.before]);
  if (cursor) {
    const comparison = cursor.direction === 'after' ? '<' : '>';
    wanted.push([`(started_at, sid) ${comparison} (?, ?)`, cursor.startedAt, cursor.sid]);
  }
  return {
    where: wanted.map(([condition]) => condition).join(' AND '),
    values: wanted.flatMap(([, ...values]) => values),
  };
}
