import { Type } from '@sinclair/typebox';
import { TandemError } from '@tandem/actors/errors';

/** Most resources of a page, as Twilio has it. */
export const MOST_OF_PAGE = 1000;

/** How a list is asked for page by page. Pages after the first are reached by `next_page_uri`. */
export const paging = {
  PageSize: Type.Integer({ minimum: 1, maximum: MOST_OF_PAGE, default: 50 }),
  Page: Type.Integer({ minimum: 0, maximum: 1_000_000, default: 0, description: 'Number of the page.' }),
  PageToken: Type.Optional(Type.String({ maxLength: 128, description: 'As next_page_uri has it.' })),
};

/** What a page of a list says about itself, as Twilio has it. */
export const pageFields = {
  end: Type.Integer(),
  first_page_uri: Type.String(),
  next_page_uri: Type.Union([Type.String(), Type.Null()]),
  page: Type.Integer(),
  page_size: Type.Integer(),
  previous_page_uri: Type.Union([Type.String(), Type.Null()]),
  start: Type.Integer(),
  uri: Type.String(),
};

/** A place in the list of an account's calls: after or before the call that it names. */
export interface CallCursor {
  readonly startedAt: number;
  readonly sid: string;
  readonly direction: 'after' | 'before';
}

export const writeToken = ({ direction, startedAt, sid }: CallCursor): string =>
  `${direction === 'after' ? 'PA' : 'PB'}${startedAt.toString(36)}${sid}`;

/** @throws api.bad-request */
export function readToken(token: string): CallCursor {
  const found = /^P([AB])([0-9a-z]{1,11})(CA[0-9a-f]{32})$/.exec(token);
  if (!found) throw new TandemError('api.bad-request', { detail: 'PageToken is not one that was given out' });
  const [, direction, startedAt, sid] = found;
  return {
    direction: direction === 'A' ? 'after' : 'before',
    startedAt: Number.parseInt(startedAt!, 36),
    sid: sid!,
  };
}

/** A path with a query, without what is undefined. */
export function withQuery(
  path: string,
  query: Readonly<Record<string, string | number | undefined>>,
): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) parameters.set(name, String(value));
  return `${path}?${parameters}`;
}
