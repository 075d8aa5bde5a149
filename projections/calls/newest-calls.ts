import { type Static, Type } from '@sinclair/typebox';
import { MOST_OF_PAGE, readToken, withQuery, writeToken } from '../paging/index.ts';
import { ListedCallEntry, listedCallEntry } from './call-entry.ts';
import type { CallsReader } from './calls-read-model.ts';

/** How an operator asks for the calls of all accounts. */
export const NewestCallsQuery = Type.Object(
  {
    PageSize: Type.Integer({ minimum: 1, maximum: MOST_OF_PAGE, default: 50 }),
    PageToken: Type.Optional(Type.String({ maxLength: 128, description: 'As next_page_uri has it.' })),
  },
  { additionalProperties: false },
);
export type NewestCallsQuery = Static<typeof NewestCallsQuery>;

export const NewestCallsAnswer = Type.Object({
  calls: Type.Array(ListedCallEntry),
  next_page_uri: Type.Union([Type.String(), Type.Null()]),
});
export type NewestCallsAnswer = Static<typeof NewestCallsAnswer>;

/** A page of all accounts' calls, newest first, each with its legs. @throws api.bad-request, and what `goOn` throws */
export function newestCallsPage(
  calls: CallsReader,
  { PageSize, PageToken }: NewestCallsQuery,
  goOn: () => void,
): NewestCallsAnswer {
  const cursor = PageToken === undefined ? undefined : readToken(PageToken);
  const { calls: found, hasMore } = calls.newest(PageSize, { cursor, goOn });
  const last = found.at(-1);
  return {
    calls: found.map(listedCallEntry),
    next_page_uri:
      hasMore && last !== undefined
        ? withQuery('/v1/Calls', { PageSize, PageToken: writeToken({ ...last.call, direction: 'after' }) })
        : null,
  };
}
