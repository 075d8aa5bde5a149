import { type Static, Type } from '@sinclair/typebox';
import type { CallRow } from './call-row.ts';
import { CALL_STATUSES, type CallDirection, type CallStatus } from './call-status.ts';

const text = (description?: string) => Type.Union([Type.String(), Type.Null()], { description });
const number = (description: string) => Type.Union([Type.Number(), Type.Null()], { description });

/** A call or a dialled leg as the API lists it to an operator. Times are milliseconds since the Unix epoch. */
const CallEntry = Type.Object({
  sid: Type.String(),
  parent_call_sid: text('Of a dialled leg: the call that dialled it.'),
  account_sid: text('Null when nobody has the number that was called.'),
  leg_id: Type.String(),
  from: Type.String(),
  to: Type.String(),
  caller_name: text(),
  direction: Type.Unsafe<CallDirection>({ type: 'string', enum: ['inbound', 'outbound-dial'] }),
  status: Type.Unsafe<CallStatus>({ type: 'string', enum: CALL_STATUSES }),
  started_at: Type.Number({ description: 'Milliseconds since the Unix epoch.' }),
  ringing_at: number('Milliseconds since the Unix epoch.'),
  answered_at: number('Milliseconds since the Unix epoch.'),
  ended_at: number('Milliseconds since the Unix epoch; null while it lasts.'),
  duration: number('Milliseconds since the answer; null while it lasts.'),
  region: text(),
  gateway: text(),
  trunk: text('The trunk that it came or went over.'),
  trunks: Type.Array(Type.String(), { description: 'The trunks over which a dialled leg may be tried.' }),
  end_reason: text('Null while it lasts.'),
  end_status: number('The SIP status that ended it.'),
  end_detail: text('The end in words.'),
  updated_at: Type.Number({ description: 'Milliseconds since the Unix epoch.' }),
  archived_at: number('When its events were removed; null while they are kept.'),
  archived_by: text('What says that they are kept no longer.'),
});
type CallEntry = Static<typeof CallEntry>;

/** A call with the legs that it dialled. */
export const ListedCallEntry = Type.Object({
  ...CallEntry.properties,
  legs: Type.Array(CallEntry, { description: 'The legs that it dialled, in the order in which they began.' }),
});
export type ListedCallEntry = Static<typeof ListedCallEntry>;

/** A call with the legs that it dialled. */
export interface ListedCall {
  readonly call: CallRow;
  readonly legs: readonly CallRow[];
}

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const camelCase = (name: string): string => name.replace(/_[a-z]/g, ([, letter]) => letter!.toUpperCase());

const renamed = (values: object, rename: (name: string) => string): object =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [rename(name), value]));

const callEntry = (row: CallRow): CallEntry => renamed(row, snakeCase) as CallEntry;
const rowOf = (entry: CallEntry): CallRow => renamed(entry, camelCase) as CallRow;

export const listedCallEntry = ({ call, legs }: ListedCall): ListedCallEntry => ({
  ...callEntry(call),
  legs: legs.map(callEntry),
});

export const readListedCall = ({ legs, ...call }: ListedCallEntry): ListedCall => ({
  call: rowOf(call),
  legs: legs.map(rowOf),
});
