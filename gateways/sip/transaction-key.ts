import type { SipMessage, SipRequest } from './message.ts';
import { branchOf, callId, fromTag, sequence, sequenceMethod } from './message-fields.ts';
import { BRANCH_COOKIE, parseVia } from './via.ts';

/** Finds the transaction of ours that a response belongs to (RFC 3261, section 17.1.3). */
export const responseKey = (message: SipMessage): string =>
  `${branchOf(message)}|${message.kind === 'request' ? message.method : sequenceMethod(message)}`;

/**
 * Finds the transaction of a peer's that a request belongs to (RFC 3261, section 17.2.3): by branch, sent-by and
 * method; by the old rule of RFC 2543 when the branch has no magic cookie. An ACK belongs to its INVITE.
 */
export const requestKey = (request: SipRequest, method = request.method): string => {
  const via = parseVia(request.headers.get('Via')!);
  const branch = via.parameters.get('branch');
  const kind = method === 'ACK' ? 'INVITE' : method;
  if (branch !== undefined && branch.slice(0, 7).toLowerCase() === BRANCH_COOKIE.toLowerCase())
    return `${branch}|${via.host}:${via.port ?? ''}|${kind}`;
  return `2543|${request.uri}|${fromTag(request)}|${callId(request)}|${sequence(request)}|${via.host}:${via.port ?? ''};${branch}|${kind}`;
};

/** What copies of one request have in common that came by different ways (RFC 3261, section 8.2.2.2). */
export const mergeKey = (request: SipRequest): string =>
  `${callId(request)}|${fromTag(request)}|${request.headers.get('CSeq')}`;
