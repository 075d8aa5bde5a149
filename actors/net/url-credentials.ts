import type { Login } from './http-authentication.ts';

/** A URL split from the user name and password written into it. */
export interface SplitUrl {
  /** Without credentials and fragment. */
  readonly url: string;
  /** The user name and password that stood in it, decoded. */
  readonly login?: Login;
}

/** Takes the credentials and the fragment out of a URL. The URL must parse. */
export function splitCredentials(url: URL): SplitUrl {
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  bare.hash = '';
  if (bare.search === '') bare.search = ''; // a lone ? is not sent, and so is not signed
  if (url.username === '' && url.password === '') return { url: bare.href };
  const login = { username: decode(url.username), password: decode(url.password) };
  return { url: bare.href, login };
}

/** A URL as it may be logged and stored: without credentials. What is no URL is masked up to an `@`. */
export function withoutCredentials(text: string): string {
  const url = URL.parse(text);
  return url === null ? text.replace(/\/\/[^/?#]*@/, '//…@') : splitCredentials(url).url;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a stray %: sent as it was written
  }
}
