import { derivedSid } from '../../events/derived-id.ts';
import { type CallContext, type CallDecide, type CallEffect, isAnswered } from './call-context.ts';

/** What every request says of the call: Twilio's names, so that applications written for it work (C1). */
function callParameters(context: CallContext): Record<string, string> {
  return {
    CallSid: context.callSid,
    AccountSid: context.accountSid,
    From: context.from,
    To: context.to,
    Caller: context.from,
    Called: context.to,
    CallStatus: isAnswered(context) ? 'in-progress' : 'ringing',
    ApiVersion: '2010-04-01',
    Direction: 'inbound',
    ...(context.callerName !== undefined && { CallerName: context.callerName }),
  };
}

/** Asks for the next document; the call goes on when it is there. */
export function fetchDocument(
  context: CallContext,
  eventId: string,
  wanted: { url: string; method: string; params?: Record<string, string>; fallback?: boolean },
): { context: Partial<CallContext>; effects: CallEffect[] } {
  const { url, method, params = {}, fallback = false } = wanted;
  const request = { id: derivedSid('RQ', eventId, 'fetch'), url, method, params, fallback };
  return {
    context: { request },
    effects: [
      {
        type: 'fetch',
        accountSid: context.accountSid,
        request,
        params: { ...callParameters(context), ...params },
      },
    ],
  };
}

/** Guard: the answer is to the request that the call waits for. */
export const isCurrentRequest = ({
  context,
  event,
}: {
  context: CallContext;
  event: { data: { requestId: string } };
}): boolean => context.request?.id === event.data.requestId;

/** Guard: a failed document has a fallback that was not asked yet. */
export const hasFallback = (args: {
  context: CallContext;
  event: { data: { requestId: string } };
}): boolean =>
  isCurrentRequest(args) &&
  args.context.application?.fallbackUrl !== undefined &&
  !args.context.request!.fallback;

export const fetched: CallDecide<'DocumentFetched'> = (_context, { data }) => ({
  context: { request: undefined, document: data.url, instructions: data.instructions, next: 0 },
});

export const fetchFallback: CallDecide<'DocumentFailed'> = (context, { id, data }) => {
  const { fallbackUrl, fallbackMethod } = context.application!;
  const { context: changes, effects } = fetchDocument(context, id, {
    url: fallbackUrl!,
    method: fallbackMethod ?? 'POST',
    params: { ErrorCode: data.code, ErrorUrl: data.url },
    fallback: true,
  });
  return { context: { ...changes, lastFailure: { code: data.code, message: data.message } }, effects };
};

export const documentFailed: CallDecide<'DocumentFailed'> = (_context, { data }) => ({
  context: { request: undefined, lastFailure: { code: data.code, message: data.message } },
});
