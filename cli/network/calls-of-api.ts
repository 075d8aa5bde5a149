import type { NewestCallsAnswer } from '@tandem/projections/calls';
import { type ListedCall, readListedCall } from '@tandem/projections/calls';
import type { NetworkClient } from './network-client.ts';

const MOST_OF_PAGE = 1000;

/** The newest calls of all accounts, newest first, as a running main region has them. @throws api.* */
export async function callsOfApi({ get }: NetworkClient, limit: number): Promise<ListedCall[]> {
  const calls: ListedCall[] = [];
  let next: string | null = `/v1/Calls?PageSize=${Math.min(limit, MOST_OF_PAGE)}`;
  while (next !== null && calls.length < limit) {
    const page = (await (await get(next)).json()) as NewestCallsAnswer;
    calls.push(...page.calls.map(readListedCall));
    next = page.next_page_uri;
  }
  return calls.slice(0, limit);
}
