/** A reference as an absolute http or https URL (RFC 3986, section 5); undefined when it is none. */
export function resolveUrl(reference: string, base: string): string | undefined {
  if (reference === '' || /[\s\p{Cc}]/u.test(reference)) return undefined;
  const url = URL.parse(reference, base);
  return url && isHttp(url) ? url.href : undefined;
}

/** Whether a URL's scheme is one that applications and audio are fetched by. */
export const isHttp = (url: URL): boolean => url.protocol === 'http:' || url.protocol === 'https:';
