import { type Static, Type } from '@sinclair/typebox';
import { TandemError } from '@tandem/actors/errors/tandem-error.ts';
import type { FastifyInstance } from 'fastify';
import { CallResource, callResource } from '../calls/call-resource.ts';
import type { CallRow } from '../calls/call-row.ts';
import { CALL_STATUSES, type CallStatus } from '../calls/call-status.ts';
import type { CallFilter, CallsReadModel } from '../calls/calls-read-model.ts';
import { DATE_PATTERN, readSpan, type Span } from './dates.ts';
import { ErrorAnswer } from './error-answer.ts';
import { pageFields, paging, readToken, withQuery, writeToken } from './paging.ts';

export const sidOf = (prefix: string) => Type.String({ pattern: `^${prefix}[0-9a-fA-F]{32}$` });
const party = (description: string) => Type.Optional(Type.String({ maxLength: 256, description }));
const date = (description: string) =>
  Type.Optional(
    Type.String({ pattern: DATE_PATTERN, description: `${description} A day, or a second; UTC.` }),
  );

const CallsQuery = Type.Object(
  {
    To: party('Called number or SIP URI.'),
    From: party('Calling number or SIP URI.'),
    Status: Type.Optional(Type.Unsafe<CallStatus>({ type: 'string', enum: CALL_STATUSES })),
    ParentCallSid: Type.Optional(sidOf('CA')),
    StartTime: date('Started on that day, or in that second.'),
    'StartTime>': date('Started on that day or later.'),
    'StartTime<': date('Started on that day or earlier.'),
    EndTime: date('Ended on that day, or in that second.'),
    'EndTime>': date('Ended on that day or later.'),
    'EndTime<': date('Ended on that day or earlier.'),
    ...paging,
  },
  { additionalProperties: false },
);
type CallsQuery = Static<typeof CallsQuery>;

const CallsAnswer = Type.Object({ calls: Type.Array(Type.Ref(CallResource)), ...pageFields });
const AccountPath = Type.Object({ AccountSid: Type.String({ maxLength: 64 }) });
const CallPath = Type.Object({ ...AccountPath.properties, Sid: Type.String({ maxLength: 64 }) });

/** Twilio's routes for calls. Each is behind the authentication that sets `request.accountSid`. */
export function callsRoutes(app: FastifyInstance, calls: CallsReadModel): void {
  app.get<{ Params: Static<typeof AccountPath>; Querystring: CallsQuery }>(
    '/2010-04-01/Accounts/:AccountSid/Calls.json',
    {
      schema: {
        summary: 'List calls, newest first',
        params: AccountPath,
        querystring: CallsQuery,
        response: { 200: CallsAnswer, default: Type.Ref(ErrorAnswer) },
      },
    },
    async (request) => {
      const accountSid = ownAccount(request.accountSid, request.params.AccountSid);
      return listCalls(calls, accountSid, request.query);
    },
  );

  app.get<{ Params: Static<typeof CallPath> }>(
    '/2010-04-01/Accounts/:AccountSid/Calls/:Sid.json',
    {
      schema: {
        summary: 'Read a call',
        params: CallPath,
        response: { 200: Type.Ref(CallResource), default: Type.Ref(ErrorAnswer) },
      },
    },
    async (request) => {
      const accountSid = ownAccount(request.accountSid, request.params.AccountSid);
      return callResource({ ...findCall(calls, accountSid, request.params.Sid), accountSid });
    },
  );
}

/** The account of a path is the one that asks; another\u2019s does not exist for it. @throws api.not-found */
function ownAccount(own: string, asked: string): string {
  if (own !== asked) throw new TandemError('api.not-found', { what: 'account' });
  return own;
}

/** A call of the account. @throws api.not-found */
export function findCall(calls: CallsReadModel, accountSid: string, sid: string): CallRow {
  const call = calls.find(accountSid, sid);
  if (!call) throw new TandemError('api.not-found', { what: 'call' });
  return call;
}

function listCalls(calls: CallsReadModel, accountSid: string, query: CallsQuery): Static<typeof CallsAnswer> {
  const { PageSize, Page, PageToken, ...filters } = query;
  if (Page > 0 && PageToken === undefined)
    throw new TandemError('api.bad-request', { detail: 'Page is without the PageToken of next_page_uri' });
  const cursor = PageToken === undefined ? undefined : readToken(PageToken);
  const page = calls.list(accountSid, filterOf(query), PageSize, cursor);
  const path = `/2010-04-01/Accounts/${accountSid}/Calls.json`;
  const uriOf = (number: number, token?: string): string =>
    withQuery(path, { ...filters, PageSize, Page: number, PageToken: token });
  const [first, last] = [page.calls[0], page.calls.at(-1)];
  const backwards = cursor?.direction === 'before';
  const hasNext = last !== undefined && (backwards || page.hasMore);
  const hasPrevious = first !== undefined && Page > 0 && (!backwards || page.hasMore);
  const start = Page * PageSize;
  return {
    calls: page.calls.map((call) => callResource({ ...call, accountSid })),
    start,
    end: start + Math.max(0, page.calls.length - 1),
    page: Page,
    page_size: PageSize,
    uri: uriOf(Page, PageToken),
    first_page_uri: uriOf(0),
    next_page_uri: hasNext ? uriOf(Page + 1, writeToken({ ...last, direction: 'after' })) : null,
    previous_page_uri: hasPrevious ? uriOf(Page - 1, writeToken({ ...first, direction: 'before' })) : null,
  };
}

function filterOf(query: CallsQuery): CallFilter {
  const { To, From, Status, ParentCallSid } = query;
  return {
    ...{ to: To, from: From, status: Status, parentCallSid: ParentCallSid },
    started: spanOf(query, 'StartTime'),
    ended: spanOf(query, 'EndTime'),
  };
}

/**
 * The span that the three parameters of a date leave together.
 *
 * @throws api.bad-request
 */
function spanOf(query: CallsQuery, name: 'StartTime' | 'EndTime'): Span | undefined {
  const read = (parameter: keyof CallsQuery): Span | undefined => {
    const text = query[parameter] as string | undefined;
    const span = text === undefined ? undefined : readSpan(text);
    if (text !== undefined && !span)
      throw new TandemError('api.bad-request', { detail: `${parameter} is no date` });
    return span;
  };
  const [on, since, until] = [read(name), read(`${name}>`), read(`${name}<`)];
  if (!on && !since && !until) return undefined;
  return {
    from: Math.max(on?.from ?? 0, since?.from ?? 0),
    before: Math.min(on?.before ?? Number.MAX_SAFE_INTEGER, until?.before ?? Number.MAX_SAFE_INTEGER),
  };
}
