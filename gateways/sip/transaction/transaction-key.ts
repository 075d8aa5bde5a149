import type { SipMessage, SipRequest } from '../message/index.ts';
import { BRANCH_COOKIE, branchOf, callId, fromTag, sequence, sequenceMethod } from '../message/index.ts';

/** Finds the transaction of ours that a response belongs to (RFC 3261, section 17.1.3). */
export const responseKey = (message: SipMessage): string =>
  `${branchOf(message)}|${message.kind === 'request' ? message.method : sequenceMethod(message)}`;

/**
 * Finds the transaction of a peer's that a request belongs to (RFC 3261, section 17.2.3): by branch, sent-by and
 * method; by the old rule of RFC 2543 when the branch has no magic cookie. An ACK belongs to its INVITE.
 */
export const requestKey = (request: SipRequest, method = request.method): string => {
  const branch = branchOf(request);
  const kind = method === 'ACK' ? 'INVITE' : method;
  const sentBy = sentByOf(request.headers.get('Via')!);
  if (branch !== undefined && branch.slice(0, 7).toLowerCase() === cookie)
    return `${branch}|${sentBy}|${kind}`;
  return `2543|${request.uri}|${fromTag(request)}|${callId(request)}|${sequence(request)}|${sentBy};${branch}|${kind}`;
};

const cookie = BRANCH_COOKIE.toLowerCase();

/** Host and port of a Via, as written: the ACK and CANCEL of a request repeat its Via as it was. */
const sentByOf = (via: string): string => {
  const end = via.indexOf(';');
  const host = end < 0 ? via : via.slice(0, end);
  return host.slice(host.lastIndexOf(' ') + 1).toLowerCase();
};

/** What copies of one request have in common that came by different ways (RFC 3261, section 8.2.2.2). */
export const mergeKey = (request: SipRequest): string =>
  `${callId(request)}|${fromTag(request)}|${request.headers.get('CSeq')}`;
