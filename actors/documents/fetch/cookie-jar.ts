import { isIP } from 'node:net';

/** A cookie as it is kept (RFC 6265, section 5.3). */
export interface Cookie {
  readonly name: string;
  readonly value: string;
  /** In lower case. */
  readonly domain: string;
  /** Sent to that very host only, and not to those below it. */
  readonly hostOnly: boolean;
  readonly path: string;
  readonly secure: boolean;
  /** Milliseconds since the Unix epoch; absent for one that lasts as long as the call. */
  readonly until?: number;
}

/** What of cookies is kept for one call: their number, and characters of one and of all. */
export const COOKIE_LIMITS = { count: 50, size: 4096, total: 16 * 1024 } as const;

/**
 * The cookies of one call's requests, as browsers keep them (RFC 6265): each goes back to the host that set it, or to
 * those below the domain that it names, and nowhere else. When there are too many, the oldest goes.
 */
export class CookieJar {
  #cookies: readonly Cookie[];
  readonly #now: () => number;

  /** @param now milliseconds since the Unix epoch */
  constructor(cookies: readonly Cookie[] = [], now: () => number = Date.now) {
    this.#cookies = cookies;
    this.#now = now;
  }

  /** What is kept now, the oldest first. */
  get cookies(): readonly Cookie[] {
    return this.#cookies;
  }

  /** The value of the Cookie header of a request; undefined without any. */
  headerFor(url: URL): string | undefined {
    const host = hostOf(url);
    const fitting = this.#cookies
      .filter(({ until }) => until === undefined || until > this.#now())
      .filter(({ domain, hostOnly }) => (hostOnly ? host === domain : isWithin(host, domain)))
      .filter(({ path }) => pathFits(url.pathname, path))
      .filter(({ secure }) => !secure || isSecure(url))
      .sort((one, other) => other.path.length - one.path.length);
    return fitting.length === 0 ? undefined : fitting.map(({ name, value }) => `${name}=${value}`).join('; ');
  }

  /** Takes the Set-Cookie headers of an answer to a request. */
  take(fields: readonly string[], url: URL): void {
    for (const field of fields) {
      const cookie = readCookie(field, url, this.#now());
      if (cookie === undefined) continue;
      const isSame = (other: Cookie): boolean =>
        other.name === cookie.name && other.domain === cookie.domain && other.path === cookie.path;
      const known = this.#cookies.findIndex(isSame);
      const others = this.#cookies.filter((other) => !isSame(other));
      const isGone = cookie.until !== undefined && cookie.until <= this.#now();
      // One that is set anew keeps its place.
      if (isGone) this.#cookies = others;
      else this.#cookies = known === -1 ? [...others, cookie] : others.toSpliced(known, 0, cookie);
    }
    this.#bound();
  }

  #bound(): void {
    let total = 0;
    let count = 0;
    this.#cookies = this.#cookies
      .toReversed()
      .filter((cookie) => {
        count += 1;
        total += sizeOf(cookie);
        return count <= COOKIE_LIMITS.count && total <= COOKIE_LIMITS.total;
      })
      .reverse();
  }
}

const sizeOf = ({ name, value, domain, path }: Cookie): number =>
  name.length + value.length + domain.length + path.length;

const hostOf = (url: URL): string => url.hostname.toLowerCase();

const isWithin = (host: string, domain: string): boolean =>
  host === domain || (host.endsWith(`.${domain}`) && isIP(host) === 0);

/** RFC 6265, section 5.1.4. */
const pathFits = (path: string, cookiePath: string): boolean =>
  path === cookiePath ||
  (path.startsWith(cookiePath) && (cookiePath.endsWith('/') || path[cookiePath.length] === '/'));

const isSecure = ({ protocol }: URL): boolean => protocol === 'https:';

/** Octets that neither begin another header nor end this one. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
const FORBIDDEN = /[\u0000-\u0008\u000a-\u001f\u007f]|[^\u0000-\u00ff]/;

/** A Set-Cookie field (RFC 6265, section 5.2); undefined for one that is to be ignored. */
function readCookie(field: string, url: URL, now: number): Cookie | undefined {
  const [pair = '', ...attributes] = field.split(';');
  const equals = pair.indexOf('=');
  const name = pair.slice(0, Math.max(0, equals)).trim();
  const value = pair.slice(equals + 1).trim();
  if (name === '' || name.length + value.length > COOKIE_LIMITS.size || FORBIDDEN.test(name + value))
    return undefined;
  const given = new Map<string, string>();
  for (const attribute of attributes) {
    const [key = '', ...rest] = attribute.split('=');
    given.set(key.trim().toLowerCase(), rest.join('=').trim());
  }
  const host = hostOf(url);
  const domain = (given.get('domain') ?? '').replace(/^\./, '').toLowerCase();
  const hostOnly = domain === '' || domain === host;
  // A domain of one label is everybody's; others that are (co.uk) matter little within one call.
  if (!hostOnly && (!domain.includes('.') || !isWithin(host, domain))) return undefined;
  const secure = given.has('secure');
  if (secure && !isSecure(url)) return undefined;
  const path = given.get('path');
  const until = endOf(given, now);
  return {
    name,
    value,
    domain: hostOnly ? host : domain,
    hostOnly: hostOnly && domain === '' ? true : isIP(host) !== 0,
    path: path?.startsWith('/') && path.length <= 1024 ? path : defaultPath(url),
    secure,
    ...(until !== undefined && { until }),
  };
}

/** RFC 6265, section 5.1.4. */
function defaultPath({ pathname }: URL): string {
  const last = pathname.lastIndexOf('/');
  return last <= 0 ? '/' : pathname.slice(0, last);
}

/** When it ends: Max-Age counts before Expires. */
function endOf(given: ReadonlyMap<string, string>, now: number): number | undefined {
  const age = given.get('max-age');
  if (age !== undefined && /^-?\d{1,15}$/.test(age)) return Number(age) <= 0 ? 0 : now + Number(age) * 1000;
  const expires = Date.parse(given.get('expires') ?? '');
  return Number.isNaN(expires) ? undefined : expires;
}
