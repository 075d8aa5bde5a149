import type { DocumentSource } from './document-source.ts';

/** Characters that a URL may have: it may be repeated in many instructions, and is stored with each. */
export const MAX_URL_LENGTH = 4000;

/**
 * A reference as an absolute http or https URL (RFC 3986, section 5): an empty one is the base without its fragment.
 * Undefined when it is none.
 */
export function resolveUrl(reference: string, source: DocumentSource): string | undefined {
  if (/[\s\p{Cc}]/u.test(reference)) return undefined;
  const url = httpUrl(reference, source.url)?.href;
  return url === undefined ? undefined : source.notes.takeLogin(url);
}

/** A URL of the schemes by which applications and audio are fetched; undefined when it is none, or too long. */
export function httpUrl(text: string, base?: string): URL | undefined {
  const url = URL.parse(text, base);
  const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:';
  return url && isHttp && url.href.length <= MAX_URL_LENGTH ? url : undefined;
}
