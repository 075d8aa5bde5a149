import { createRequire } from 'node:module';
import type { DocumentFailed, DocumentFetched } from '@tandem/proto/generated/events.ts';
import { asRecorded, isTandemError, type TandemError } from '../../errors/index.ts';
import type { Login } from '../../net/index.ts';
import { withoutCredentials } from '../../net/index.ts';
import { XML_LIMITS } from '../xml/index.ts';
import { ApplicationSession } from './application-session.ts';
import { decodeBody } from './decode-body.ts';
import type { Fetcher, FetchRequest, FetchResponse } from './fetcher.ts';
import { isAudio, readAnswer } from './read-answer.ts';
import { sign } from './request-signature.ts';

export interface ApplicationRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  /** The call's parameters, sent as a form or in the query; AccountSid is added. */
  readonly params: Readonly<Record<string, string>>;
  readonly accountSid: string;
  /** The account's secret, with which requests are signed, and what is kept between them is sealed. */
  readonly authToken: string;
  /** What the answers before had us keep, sealed. */
  readonly session?: string;
  /** The user name and password that the configuration has for a URL. */
  readonly loginFor?: (url: string) => Login | undefined;
  /** The same for every try of one request, so that the application can tell; the request's id is a good one. */
  readonly idempotencyToken: string;
  /** Milliseconds for the whole, a second try included; 15000 by default. */
  readonly timeout?: number;
}

/** What became of a request, as the event to be stored, which only lacks the request's id. */
export type Fetched =
  | { readonly type: 'DocumentFetched'; readonly data: Omit<DocumentFetched, 'requestId'> }
  | { readonly type: 'DocumentFailed'; readonly data: Omit<DocumentFailed, 'requestId'> };

/** Warnings that are kept of a document. */
const MOST_WARNINGS = 50;

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

/**
 * Asks an application what a call is to do. A connection that fails is tried once more; an answer, whatever its
 * status, is not. Never throws: what went wrong is in the result.
 * @param now milliseconds of a clock that does not jump
 */
export async function fetchApplication(
  request: ApplicationRequest,
  fetcher: Fetcher,
  now: () => number = () => performance.now(),
): Promise<Fetched> {
  const startedAt = now();
  const about = { url: withoutCredentials(request.url), method: request.method };
  const duration = () => Math.max(0, Math.round(now() - startedAt));
  const session = ApplicationSession.open(request.session, {
    authToken: request.authToken,
    callSid: request.params.CallSid ?? '',
  });
  const kept = () => {
    const sealed = session.sealed();
    return sealed === undefined ? {} : { session: sealed };
  };
  let answer: FetchResponse | undefined;
  let body = '';
  try {
    answer = await fetchTwice(request, session, fetcher, now);
    body = decodeBody(answer);
    const warnings: TandemError[] = [];
    const base = answer.redirected ? withoutParameters(answer.url, parametersOf(request)) : request.url;
    const instructions = readAnswer(answer, body, base, {
      warn: (warning) => warnings.push(warning),
      takeLogin: (url) => session.logins.take(url),
    });
    const { status, contentType } = answer;
    return {
      type: 'DocumentFetched',
      data: {
        ...about,
        status,
        contentType,
        body: forHistory(body),
        duration: duration(),
        instructions,
        ...(warnings.length > 0 && { warnings: { list: warnings.slice(0, MOST_WARNINGS).map(asRecorded) } }),
        ...kept(),
      },
    };
  } catch (error) {
    const answered = answer && { status: answer.status, body: forHistory(body) };
    return {
      type: 'DocumentFailed',
      data: { ...about, ...answered, ...asRecorded(error), duration: duration(), ...kept() },
    };
  }
}

async function fetchTwice(
  request: ApplicationRequest,
  session: ApplicationSession,
  fetcher: Fetcher,
  now: () => number,
): Promise<FetchResponse> {
  const timeout = request.timeout ?? 15_000;
  const deadline = now() + timeout;
  const fetchRequest = asFetchRequest(request, session);
  try {
    return await fetcher.fetch({ ...fetchRequest, timeout });
  } catch (error) {
    const left = deadline - now();
    if (left <= 0 || !isConnectionFailure(error)) throw error;
    return await fetcher.fetch({ ...fetchRequest, timeout: left });
  }
}

const isConnectionFailure = (error: unknown): boolean =>
  isTandemError(error, 'document.unreachable') ||
  (isTandemError(error, 'document.timeout') && error.params.phase === 'connect');

const parametersOf = (request: ApplicationRequest): Record<string, string> => ({
  ...request.params,
  AccountSid: request.accountSid,
});

function asFetchRequest(request: ApplicationRequest, { cookies, logins }: ApplicationSession): FetchRequest {
  const params = parametersOf(request);
  const form = new URLSearchParams(params).toString();
  return {
    account: request.accountSid,
    cookies,
    loginFor: (url) => logins.find(url) ?? request.loginFor?.(url),
    url: request.method === 'GET' ? withQuery(request.url, form) : request.url,
    method: request.method,
    body: form,
    skipBody: isAudio,
    headers: ({ url, method }) => ({
      'user-agent': `Tandem/${version}`,
      accept: 'text/xml, application/xml, text/html, text/plain;q=0.9, audio/*;q=0.9',
      'accept-encoding': 'identity',
      'i-twilio-idempotency-token': request.idempotencyToken,
      'x-twilio-signature': sign(request.authToken, url, method === 'POST' ? params : {}),
      ...(method === 'POST' && { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }),
    }),
  };
}

/** A URL with more in its query; what is there stays as it is written. */
function withQuery(text: string, query: string): string {
  const url = URL.parse(text);
  if (url === null) return text; // the fetcher says what is wrong with it
  url.search = url.search === '' ? query : `${url.search}&${query}`;
  return url.href;
}

/**
 * The URL that a redirect of a GET led to as that of a document: without what we had put into the query of the first, which
 * servers copy, and which is said anew with each request.
 */
function withoutParameters(text: string, params: Readonly<Record<string, string>>): string {
  const url = new URL(text);
  const parts = url.search.slice(1).split('&');
  const own = parts.filter((part) => {
    const [[name, value] = ['', '']] = new URLSearchParams(part);
    return !Object.hasOwn(params, name) || params[name] !== value;
  });
  if (own.length < parts.length) url.search = own.join('&');
  return url.href;
}

/** A body as it may be kept: of bounded size, and without the passwords that a document and its URLs may hold. */
export function forHistory(body: string): string {
  const masked = body
    .replace(/(\bpassword\s*=\s*)("[^"]*"?|'[^']*'?)/gi, '$1"…"')
    .replace(/\/\/[^\s"'<>/?#]*?(?:@|&#0*64;|&#x0*40;)/gi, '//…@');
  const bytes = Buffer.from(masked);
  return bytes.length <= XML_LIMITS.bytes ? masked : bytes.toString('utf8', 0, XML_LIMITS.bytes - 3);
}
