import type { ReadModelSchema } from '../runner/index.ts';
import type { CallRow } from './call-row.ts';

/** Calls as rows. Times and durations are milliseconds; `trunks` is a JSON list. */
export const CALL_SCHEMA: ReadModelSchema = {
  version: 3,
  sql: `
  CREATE TABLE calls (
    sid TEXT PRIMARY KEY,
    parent_call_sid TEXT,
    account_sid TEXT,
    leg_id TEXT NOT NULL UNIQUE,
    from_party TEXT NOT NULL,
    to_party TEXT NOT NULL,
    caller_name TEXT,
    direction TEXT NOT NULL,
    status TEXT NOT NULL,
    started_at REAL NOT NULL,
    ringing_at REAL,
    answered_at REAL,
    ended_at REAL,
    duration REAL,
    region TEXT,
    gateway TEXT,
    trunk TEXT,
    trunks TEXT NOT NULL,
    end_reason TEXT,
    end_status INTEGER,
    end_detail TEXT,
    updated_at REAL NOT NULL,
    archived_at REAL,
    archived_by TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX calls_by_account ON calls (account_sid, started_at, sid);
  CREATE INDEX calls_by_parent ON calls (account_sid, parent_call_sid, started_at, sid);
  CREATE INDEX calls_by_from ON calls (account_sid, from_party, started_at, sid);
  CREATE INDEX calls_by_to ON calls (account_sid, to_party, started_at, sid);
  CREATE INDEX calls_by_status ON calls (account_sid, status, started_at, sid);
`,
};

type Value = string | number | null;

/** Each column, and the field of a row that it holds. */
const FIELDS: Readonly<Record<string, keyof CallRow>> = {
  sid: 'sid',
  parent_call_sid: 'parentCallSid',
  account_sid: 'accountSid',
  leg_id: 'legId',
  from_party: 'from',
  to_party: 'to',
  caller_name: 'callerName',
  direction: 'direction',
  status: 'status',
  started_at: 'startedAt',
  ringing_at: 'ringingAt',
  answered_at: 'answeredAt',
  ended_at: 'endedAt',
  duration: 'duration',
  region: 'region',
  gateway: 'gateway',
  trunk: 'trunk',
  trunks: 'trunks',
  end_reason: 'endReason',
  end_status: 'endStatus',
  end_detail: 'endDetail',
  updated_at: 'updatedAt',
  archived_at: 'archivedAt',
  archived_by: 'archivedBy',
};

/** Columns that change while a call goes on. The others, and with them most indexes, are written once. */
const CHANGING: ReadonlySet<string> = new Set([
  'trunk',
  'status',
  'ringing_at',
  'answered_at',
  'ended_at',
  'duration',
  'end_reason',
  'end_status',
  'end_detail',
  'updated_at',
  'archived_at',
  'archived_by',
]);

export const CALL_COLUMNS: readonly string[] = Object.keys(FIELDS);
export const CHANGING_COLUMNS: readonly string[] = CALL_COLUMNS.filter((column) => CHANGING.has(column));

const fieldsOf = (columns: readonly string[]): (keyof CallRow)[] => columns.map((column) => FIELDS[column]!);
const ALL_FIELDS = fieldsOf(CALL_COLUMNS);
const CHANGING_FIELDS = fieldsOf(CHANGING_COLUMNS);
const LASTING_FIELDS = ALL_FIELDS.filter((field) => !CHANGING_FIELDS.includes(field));

const columnValue = (row: CallRow, field: keyof CallRow): Value =>
  field === 'trunks' ? JSON.stringify(row.trunks) : (row[field] as Value);

/** A row's values, in the order of the columns. */
export const toValues = (row: CallRow): Value[] => ALL_FIELDS.map((field) => columnValue(row, field));

/** The values of the changing columns, in their order. */
export const toChangingValues = (row: CallRow): Value[] =>
  CHANGING_FIELDS.map((field) => columnValue(row, field));

/** Whether two rows of one call differ in nothing but what changes while it goes on. */
export const isSameButForChanges = (one: CallRow, other: CallRow): boolean =>
  LASTING_FIELDS.every(
    (field) => one[field] === other[field] || columnValue(one, field) === columnValue(other, field),
  );

export const fromRecord = (record: Readonly<Record<string, unknown>>): CallRow =>
  Object.fromEntries(
    Object.entries(FIELDS).map(([column, field]) => [
      field,
      field === 'trunks' ? JSON.parse(record[column] as string) : record[column],
    ]),
  ) as unknown as CallRow;
