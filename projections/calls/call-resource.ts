import { type Static, Type } from '@sinclair/typebox';
import { rfc2822 } from '../paging/index.ts';
import type { CallRow } from './call-row.ts';
import { CALL_STATUSES, type CallDirection, type CallStatus } from './call-status.ts';

const nullable = <T extends ReturnType<typeof Type.String>>(schema: T) => Type.Union([schema, Type.Null()]);
const text = (description: string) => nullable(Type.String({ description }));
const date = (description: string) => text(`${description} RFC 2822, in UTC.`);

/** Twilio's Call resource, and what Tandem knows beyond it. */
export const CallResource = Type.Object(
  {
    sid: Type.String({ description: 'The call.' }),
    parent_call_sid: text('Of a dialled leg: the call that dialled it.'),
    account_sid: Type.String({ description: 'The account that it belongs to.' }),
    from: Type.String(),
    from_formatted: Type.String(),
    to: Type.String(),
    to_formatted: Type.String(),
    caller_name: text('The caller\u2019s name, as the caller\u2019s side gave it.'),
    phone_number_sid: Type.Null(),
    status: Type.Unsafe<CallStatus>({ type: 'string', enum: CALL_STATUSES }),
    direction: Type.Unsafe<CallDirection>({ type: 'string', enum: ['inbound', 'outbound-dial'] }),
    start_time: date('When it started.'),
    end_time: date('When it ended; null while it lasts.'),
    duration: text('Seconds since the answer; null while it lasts, 0 when nobody answered.'),
    date_created: date('When it started.'),
    date_updated: date('When something of it changed last.'),
    answered_by: Type.Null(),
    annotation: Type.Null(),
    forwarded_from: Type.Null(),
    group_sid: Type.Null(),
    queue_time: Type.String(),
    trunk_sid: Type.Null(),
    price: Type.Null(),
    price_unit: Type.Null(),
    api_version: Type.Literal('2010-04-01'),
    uri: Type.String(),
    subresource_uris: Type.Record(Type.String(), Type.String()),
    region: text('The region of the leg.'),
    gateway: text('The gateway that holds the leg.'),
    trunk: text('The trunk that the leg came or went over.'),
    end_reason: text('Why it ended; null while it lasts.'),
    end_status: Type.Union([Type.Integer(), Type.Null()], { description: 'The SIP status that ended it.' }),
    end_detail: text('The end in words.'),
    archived_at: date('When its events were removed; null while they are kept.'),
  },
  { $id: 'Call', description: 'A call, or a leg that a call dialled.' },
);
export type CallResource = Static<typeof CallResource>;

const dateOf = (time: number | null): string | null => (time === null ? null : rfc2822(time));

/** A row as the API shows it to the account that it belongs to. */
export function callResource(row: CallRow & { readonly accountSid: string }): CallResource {
  const { sid, accountSid } = row;
  const ended = row.endedAt !== null;
  return {
    sid,
    parent_call_sid: row.parentCallSid,
    account_sid: accountSid,
    from: row.from,
    from_formatted: row.from,
    to: row.to,
    to_formatted: row.to,
    caller_name: row.callerName,
    phone_number_sid: null,
    status: row.status,
    direction: row.direction,
    start_time: dateOf(row.startedAt),
    end_time: dateOf(row.endedAt),
    duration: ended ? String(Math.round((row.duration ?? 0) / 1000)) : null,
    date_created: dateOf(row.startedAt),
    date_updated: dateOf(row.updatedAt),
    answered_by: null,
    annotation: null,
    forwarded_from: null,
    group_sid: null,
    queue_time: '0',
    trunk_sid: null,
    price: null,
    price_unit: null,
    api_version: '2010-04-01',
    uri: `/2010-04-01/Accounts/${accountSid}/Calls/${sid}.json`,
    subresource_uris: { events: `/v1/Calls/${sid}/Events`, replay: `/v1/Calls/${sid}/Replay` },
    region: row.region,
    gateway: row.gateway,
    trunk: row.trunk,
    end_reason: row.endReason,
    end_status: row.endStatus,
    end_detail: row.endDetail,
    archived_at: dateOf(row.archivedAt),
  };
}
