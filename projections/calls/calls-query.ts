import { type Static, Type } from '@sinclair/typebox';
import { TandemError } from '@tandem/actors/errors';
import {
  DATE_PATTERN,
  pageFields,
  paging,
  readSpan,
  readToken,
  type Span,
  withQuery,
  writeToken,
} from '../paging/index.ts';
import { CallResource, callResource } from './call-resource.ts';
import { CALL_STATUSES, type CallStatus } from './call-status.ts';
import type { CallFilter, CallsReader } from './calls-read-model.ts';

const party = (description: string) => Type.Optional(Type.String({ maxLength: 256, description }));
const date = (description: string) =>
  Type.Optional(
    Type.String({ pattern: DATE_PATTERN, description: `${description} A day, or a second; UTC.` }),
  );

/** How calls are asked for, as Twilio has it. */
export const CallsQuery = Type.Object(
  {
    To: party('Called number or SIP URI.'),
    From: party('Calling number or SIP URI.'),
    Status: Type.Optional(Type.Unsafe<CallStatus>({ type: 'string', enum: CALL_STATUSES })),
    ParentCallSid: Type.Optional(Type.String({ pattern: '^CA[0-9a-fA-F]{32}$' })),
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
export type CallsQuery = Static<typeof CallsQuery>;

export const CallsAnswer = Type.Object({ calls: Type.Array(Type.Ref(CallResource)), ...pageFields });
/** A page of an account's calls. @throws api.bad-request, and what `goOn` throws */
export function callsPage(
  calls: CallsReader,
  accountSid: string,
  query: CallsQuery,
  goOn: () => void,
): Static<typeof CallsAnswer> {
  const { PageSize, Page, PageToken, ...filters } = query;
  if (Page > 0 && PageToken === undefined)
    throw new TandemError('api.bad-request', { detail: 'Page is without the PageToken of next_page_uri' });
  const cursor = PageToken === undefined ? undefined : readToken(PageToken);
  const page = calls.list(accountSid, filterOf(query), PageSize, { cursor, goOn });
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
    to: To,
    from: From,
    status: Status,
    parentCallSid: ParentCallSid,
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
