import type { Header } from '../message/index.ts';
import { reasonHeader } from '../message/index.ts';

/** Why no new call can be taken now: what an INVITE is refused with, and OPTIONS as well, with 503. */
export interface Unavailable {
  /** A Reason header (RFC 3326). */
  readonly reason: string;
  /** Seconds after which it may be tried again (RFC 3261, section 20.33); nothing is said when absent. */
  readonly retryAfter?: number;
}

export const refusalHeaders = (
  reason: string | undefined,
  retryAfter: number | undefined,
  warning?: string,
): Header[] => [
  ...reasonHeader(reason),
  ...(warning === undefined ? [] : [['Warning', warning] as Header]),
  ...(retryAfter === undefined ? [] : [['Retry-After', String(retryAfter)] as Header]),
];
