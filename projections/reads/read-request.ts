import type { CallsQuery, NewestCallsQuery } from '../calls/index.ts';

/** What the API reads of an account's calls; the newest calls are those of all, and an operator asks for them. */
export type ReadRequest =
  | { readonly type: 'call'; readonly sid: string }
  | { readonly type: 'calls'; readonly query: CallsQuery }
  | { readonly type: 'newest-calls'; readonly query: NewestCallsQuery }
  | { readonly type: 'events'; readonly sid: string; readonly page: number; readonly pageSize: number }
  | { readonly type: 'replay'; readonly sid: string; readonly at?: number }
  | { readonly type: 'decisions'; readonly sid: string; readonly operator: boolean }
  | { readonly type: 'streams'; readonly sid: string }
  | {
      readonly type: 'stream-events';
      readonly sid: string;
      readonly stream: string;
      readonly from: number;
      readonly pageSize: number;
    };
