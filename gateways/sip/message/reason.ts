import type { Header } from './build-message.ts';
import type { SipRequest } from './message.ts';

/** The value of a Reason header, whole (RFC 3326). */
export const reasonOf = (message: SipRequest): string | undefined => {
  const reasons = message.headers.all('Reason');
  return reasons.length === 0 ? undefined : reasons.join(', ');
};

/** Line breaks and the like in a reason of our own must not keep a session from ending. */
export const reasonHeader = (reason: string | undefined): readonly Header[] =>
  reason === undefined ? [] : [['Reason', reason.replace(/\p{Cc}+/gu, ' ')]];
