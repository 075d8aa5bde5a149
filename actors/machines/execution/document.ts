import { TandemError } from '../../errors/index.ts';
import { derivedSid } from '../../events/index.ts';
import {
  type CallContext,
  type CallEffect,
  type CallStep,
  type CallTransition,
  type DocumentRequest,
  isAnswered,
} from './call-context.ts';
import { sipHeaderParameters } from './sip-header-parameters.ts';
import { MOST_STORED, taken } from './stored-documents.ts';

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
    ...(context.facts.callerName !== undefined && { CallerName: context.facts.callerName }),
    ...sipHeaderParameters(context.facts.headers?.fields ?? []),
  };
}

/** Documents that a call may ask for in a minute; more follow each other without end. */
const MOST_A_MINUTE = 100;
const MINUTE = 60_000;

const countDocument = ({ asked }: CallContext, time: number): CallContext['asked'] =>
  time < asked.since + MINUTE ? { since: asked.since, count: asked.count + 1 } : { since: time, count: 1 };

/** Guard: documents follow each other without end, and without anything that takes its time. */
export const isEndless = ({ context }: { context: CallContext }): boolean =>
  context.asked.count > MOST_A_MINUTE;

/** Asks for the next document; the call goes on when it is there. */
export function fetchDocument(
  context: CallContext,
  { id, time }: { readonly id: string; readonly time: number },
  wanted: {
    url: string;
    method: string;
    params?: Record<string, string>;
    sealedDigits?: readonly string[];
    fallback?: boolean;
  },
): { context: Partial<CallContext>; effects: CallEffect[] } {
  const { url, method, params = {}, sealedDigits, fallback = false } = wanted;
  const request = {
    id: derivedSid('RQ', id, 'fetch'),
    url,
    method,
    params,
    ...(sealedDigits && { sealedDigits }),
    fallback,
  };
  return {
    context: { request, asked: countDocument(context, time) },
    effects: [sendRequest(context, request)],
  };
}

export const sendRequest = (context: CallContext, request: DocumentRequest): CallEffect => ({
  type: 'fetch',
  accountSid: context.accountSid,
  request,
  params: { ...callParameters(context), ...request.params },
  ...(context.session !== undefined && { session: context.session }),
});

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

/** What an answer had us keep is for whatever is asked next, also where the answer itself is of no use. */
const keptOf = ({ session }: { readonly session?: string }) => (session === undefined ? {} : { session });

export const fetched: CallTransition<'DocumentFetched'> = (context, { data }) => ({
  context: {
    request: undefined,
    document: data.url,
    ...taken(data, context.stored),
    next: 0,
    ...keptOf(data),
  },
});

/** Guard: the call's history holds as much of documents as it may. */
export const isTooMuch = ({ context }: { context: CallContext }): boolean =>
  (context.stored?.size ?? 0) > MOST_STORED;

export const giveUpStoring: CallStep = ({ document }) => {
  const megabytes = MOST_STORED / (1024 * 1024);
  const { code, message } = new TandemError('document.too-many', { url: document, megabytes });
  return { context: { lastFailure: { code, message } } };
};

export const fetchFallback: CallTransition<'DocumentFailed'> = (context, event) => {
  const { data } = event;
  const { fallbackUrl, fallbackMethod } = context.application!;
  const { context: changes, effects } = fetchDocument({ ...context, ...keptOf(data) }, event, {
    url: fallbackUrl!,
    method: fallbackMethod ?? 'POST',
    params: { ErrorCode: data.code, ErrorUrl: data.url },
    fallback: true,
  });
  const lastFailure = { code: data.code, message: data.message };
  return { context: { ...changes, ...keptOf(data), lastFailure }, effects };
};

export const documentFailed: CallTransition<'DocumentFailed'> = (_context, { data }) => ({
  context: { request: undefined, lastFailure: { code: data.code, message: data.message } },
});

/** Guard: a request could not even be made. */
export const requestFailed = ({ event }: { event: { data: { action: string } } }): boolean =>
  event.data.action === 'fetch';

export const giveUp: CallStep = ({ document }) => {
  const { code, message } = new TandemError('document.endless', { url: document, limit: MOST_A_MINUTE });
  return { context: { lastFailure: { code, message } } };
};
