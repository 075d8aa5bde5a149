import type { Login } from '../../net/index.ts';
import { splitCredentials } from '../../net/index.ts';

/** Logins that are kept; each counts twice, for its URL and for its origin. */
const MOST = 64;

/** User names and passwords of URLs, by the URLs without them: they stand nowhere else. */
export class Logins {
  readonly #logins: Map<string, Login>;

  constructor(entries: Iterable<readonly [string, Login]> = []) {
    this.#logins = new Map(entries);
  }

  get entries(): readonly (readonly [string, Login])[] {
    return [...this.#logins];
  }

  /** Takes the user name and password out of a URL, and remembers them; gives the URL without. */
  take(text: string): string {
    const parsed = URL.parse(text);
    if (parsed === null || (parsed.username === '' && parsed.password === '')) return text;
    const { url, login } = splitCredentials(parsed);
    if (login !== undefined) for (const key of [parsed.origin, url]) this.#keep(key, login);
    return `${url}${parsed.hash}`;
  }

  /** What a URL has: its own, else what another one of the same origin had last. */
  find(text: string): Login | undefined {
    const parsed = URL.parse(text);
    if (parsed === null) return undefined;
    const { url, login } = splitCredentials(parsed);
    return login ?? this.#logins.get(url) ?? this.#logins.get(parsed.origin);
  }

  #keep(key: string, login: Login): void {
    this.#logins.delete(key);
    this.#logins.set(key, login);
    if (this.#logins.size > MOST) this.#logins.delete(this.#logins.keys().next().value!);
  }
}

/** A URL with a user name and password in it, for a fetch and not to be kept. */
export function withLogin(text: string, login: Login | undefined): string {
  const url = URL.parse(text);
  if (url === null || login === undefined) return text;
  url.username = encodeURIComponent(login.username);
  url.password = encodeURIComponent(login.password);
  return url.href;
}
