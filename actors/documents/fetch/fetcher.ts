import { Agent, type Dispatcher, errors, request as send } from 'undici';
import { createNameResolver, type ResolveHost } from '../../dns/index.ts';
import { TandemError } from '../../errors/index.ts';
import {
  type AllowedNetworks,
  authorize,
  createAddressPolicy,
  isStale,
  type Login,
  splitCredentials,
  withoutCredentials,
} from '../../net/index.ts';
import { httpUrl, MAX_URL_LENGTH, quoted } from '../xml/index.ts';
import type { CookieJar } from './cookie-jar.ts';
import { guardedConnector, RefusedAddress } from './guarded-connector.ts';

export interface FetcherOptions {
  readonly allowPrivateNetworks: AllowedNetworks;
  /** Milliseconds until a connection must stand; 5000 by default. */
  readonly connectTimeout?: number;
  /** Milliseconds for a request as a whole, redirects included; 15000 by default. */
  readonly totalTimeout?: number;
  /** Bytes that an answer's body may have; 64 KiB by default. */
  readonly maxBytes?: number;
  /** How host names are resolved; by the hosts file and name servers of this machine, by default. */
  readonly resolve?: ResolveHost;
}

/** One request of a fetch; a redirect makes the next. */
export interface FetchHop {
  /** As it is sent: without credentials. */
  readonly url: string;
  readonly method: 'GET' | 'POST';
}

export interface FetchRequest {
  /** Whose request it is: accounts share neither connections nor look-ups, so that none holds up another. */
  readonly account?: string;
  /** Absolute http or https URL; a user name and password in it answer a server that asks for them, by Digest or Basic. */
  readonly url: string;
  readonly method: 'GET' | 'POST';
  /** The user name and password for a URL that has none in it. */
  readonly loginFor?: (url: string) => Login | undefined;
  /** Cookies that go with each request, and that take those of each answer. */
  readonly cookies?: CookieJar;
  /** Body of a POST. */
  readonly body?: string;
  /** Headers of each request, as they may depend on its URL and method (a signature does). */
  readonly headers: (hop: FetchHop) => Record<string, string>;
  /** Gives up when it is aborted, with its reason. */
  readonly signal?: AbortSignal;
  /** Milliseconds for the whole, when less than the fetcher's own. */
  readonly timeout?: number;
  /** Whether to leave an answer's body unread, by its content type. */
  readonly skipBody?: (contentType: string) => boolean;
}

export interface FetchResponse {
  /** Where the answer came from in the end, with any credentials: not to be logged or stored. */
  readonly url: string;
  /** Whether that is another URL than the one that was asked for. */
  readonly redirected: boolean;
  /** HTTP status; any but a redirect. */
  readonly status: number;
  readonly contentType: string;
  readonly contentEncoding: string;
  readonly body: Buffer;
}

/** An HTTP client that connects to nothing it should not, and that nobody can keep waiting or fill up. */
export interface Fetcher {
  /**
   * @throws document.bad-url, document.private-address, document.timeout, document.unreachable,
   *   document.too-large, document.too-many-redirects
   */
  fetch(request: FetchRequest): Promise<FetchResponse>;
  /** Ends what is under way with document.unreachable and closes every connection. */
  close(): Promise<void>;
}

const MAX_REDIRECTS = 5;
const CONNECTIONS_PER_ORIGIN = 32;

interface Limits {
  readonly connectTimeout: number;
  readonly totalTimeout: number;
  readonly maxBytes: number;
}

/** @throws document.bad-network */
export function createFetcher(options: FetcherOptions): Fetcher {
  const limits: Limits = {
    connectTimeout: options.connectTimeout ?? 5_000,
    totalTimeout: options.totalTimeout ?? 15_000,
    maxBytes: options.maxBytes ?? 64 * 1024,
  };
  const policy = createAddressPolicy(options.allowPrivateNetworks);
  const names = createNameResolver({ limit: limits.connectTimeout });
  const resolve = options.resolve ?? names.addresses;
  const agents = new Map<string, Agent>();
  const agentOf = (account: string): Agent => {
    const known = agents.get(account);
    if (known !== undefined) return known;
    const agent = new Agent({
      connect: guardedConnector(policy, resolve, limits.connectTimeout, account || undefined),
      connections: CONNECTIONS_PER_ORIGIN,
      headersTimeout: 0, // the total timeout is the one that counts
      bodyTimeout: 0,
      allowH2: false,
    });
    agents.set(account, agent);
    return agent;
  };
  return {
    fetch: (request) => fetchWithin(request, agentOf(request.account ?? ''), limits),
    async close() {
      names.close();
      await Promise.all([...agents.values()].map((agent) => agent.destroy()));
    },
  };
}

async function fetchWithin(request: FetchRequest, agent: Agent, limits: Limits): Promise<FetchResponse> {
  const totalTimeout = Math.min(request.timeout ?? limits.totalTimeout, limits.totalTimeout);
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), totalTimeout);
  const progress = { url: withoutCredentials(request.url) };
  try {
    const signal = AbortSignal.any([deadline.signal, ...(request.signal ? [request.signal] : [])]);
    return await follow(request, agent, limits, signal, progress);
  } catch (error) {
    const { url } = progress;
    if (error instanceof TandemError) throw error;
    request.signal?.throwIfAborted();
    if (deadline.signal.aborted) {
      throw new TandemError('document.timeout', { url, phase: 'answer', milliseconds: totalTimeout });
    }
    throw asDocumentError(error, url, limits);
  } finally {
    clearTimeout(timer);
  }
}

/** Sends a request and follows its redirects (RFC 9110, section 15.4); `progress` tells where it stands. */
async function follow(
  request: FetchRequest,
  agent: Agent,
  limits: Limits,
  signal: AbortSignal,
  progress: { url: string },
): Promise<FetchResponse> {
  let target = targetOf(request.url);
  let { method } = request;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const { url } = splitCredentials(target);
    progress.url = url;
    const response = await ask(request, target, method, { dispatcher: agent, signal });
    const location = redirectOf(response);
    if (location === undefined) return readResponse(request, response, target, redirects > 0, limits);
    discard(response);
    target = redirected(target, targetOf(location, target));
    if (method === 'POST' && response.statusCode < 307) method = 'GET';
  }
  throw new TandemError('document.too-many-redirects', {
    url: withoutCredentials(request.url),
    limit: MAX_REDIRECTS,
  });
}

/** A redirect within an origin keeps the user name and password. */
function redirected(from: URL, to: URL): URL {
  if (to.origin !== from.origin || to.username !== '' || to.password !== '') return to;
  to.username = from.username;
  to.password = from.password;
  return to;
}

/** How often a server may say that its nonce is not good any more. */
const MOST_NONCES = 2;

/** Asks once, and once more with a password if it is asked for one and there is one: it is shown to nobody unasked. */
async function ask(
  request: FetchRequest,
  target: URL,
  method: FetchHop['method'],
  sending: { readonly dispatcher: Agent; readonly signal: AbortSignal },
): Promise<Dispatcher.ResponseData> {
  const { url, login = request.loginFor?.(url) } = splitCredentials(target);
  const body = method === 'POST' ? (request.body ?? '') : undefined;
  const challenged = { method, target: `${target.pathname}${target.search}`, body: body ?? '' };
  let authorization: string | undefined;
  for (let nonces = 0; ; nonces += 1) {
    const cookie = request.cookies?.headerFor(target);
    const response = await send(url, {
      ...sending,
      method,
      headers: {
        ...request.headers({ url, method }),
        ...(cookie !== undefined && { cookie }),
        ...(authorization !== undefined && { authorization }),
      },
      body,
    });
    request.cookies?.take(headers(response, 'set-cookie'), target);
    if (response.statusCode !== 401 || login === undefined) return response;
    const fields = headers(response, 'www-authenticate');
    if (authorization !== undefined && !(isStale(fields) && nonces <= MOST_NONCES)) return response;
    authorization = authorize(fields, login, challenged);
    if (authorization === undefined) return response;
    discard(response);
  }
}

async function readResponse(
  request: FetchRequest,
  response: Dispatcher.ResponseData,
  target: URL,
  redirected: boolean,
  { maxBytes }: Limits,
): Promise<FetchResponse> {
  const head = {
    url: target.href,
    redirected,
    status: response.statusCode,
    contentType: header(response, 'content-type'),
    contentEncoding: header(response, 'content-encoding'),
  };
  if (request.skipBody?.(head.contentType)) {
    discard(response);
    return { ...head, body: Buffer.alloc(0) };
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response.body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) {
      throw new TandemError('document.too-large', { url: withoutCredentials(target.href), limit: maxBytes });
    }
    chunks.push(chunk);
  }
  return { ...head, body: Buffer.concat(chunks) };
}

/** Gives up a body that nobody reads, and its connection with it: it might never end. */
function discard({ body }: Dispatcher.ResponseData): void {
  body.on('error', () => {}); // that it ended early is no news
  body.destroy();
}

const redirectOf = (response: Dispatcher.ResponseData): string | undefined =>
  [301, 302, 303, 307, 308].includes(response.statusCode)
    ? header(response, 'location') || undefined
    : undefined;

function headers(response: Dispatcher.ResponseData, name: string): string[] {
  return [response.headers[name] ?? []].flat();
}

const header = (response: Dispatcher.ResponseData, name: string): string => headers(response, name)[0] ?? '';

/** Where to send a request: the URL asked for, or the one that a redirect of `from` names. */
function targetOf(text: string, from?: URL): URL {
  const url = httpUrl(text, from?.href);
  if (url) return url;
  const what = `it is no absolute http or https URL of at most ${MAX_URL_LENGTH} characters`;
  const detail = from ? `${withoutCredentials(from.href)} redirects to it, and ${what}` : what;
  throw new TandemError('document.bad-url', { url: quoted(text), detail });
}

function asDocumentError(error: unknown, url: string, limits: Limits): TandemError {
  if (error instanceof RefusedAddress) {
    const { address, range } = error;
    return new TandemError('document.private-address', { url, address, range });
  }
  if (error instanceof errors.ConnectTimeoutError) {
    return new TandemError('document.timeout', {
      url,
      phase: 'connect',
      milliseconds: limits.connectTimeout,
    });
  }
  const detail =
    error instanceof Error ? error.message || String((error as NodeJS.ErrnoException).code) : String(error);
  return new TandemError('document.unreachable', { url, detail }, { cause: error });
}
