import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

// Twilio's X-Twilio-Signature, as described in "Secure webhooks" of its documentation: applications check by it
// that a request comes from us. SHA-1 is Twilio's choice; as an HMAC it still holds (RFC 6194, section 3.3).

/** Parameters of a form; several values of one name are signed once each, in order. */
export type SignedParams = Readonly<Record<string, string | readonly string[]>>;

/**
 * Signs a request with form parameters, or without parameters in a body (GET).
 * @param url as it is sent, without credentials, with its query
 * @returns the value of X-Twilio-Signature
 */
export function sign(authToken: string, url: string, params: SignedParams = {}): string {
  const signed = Object.keys(params)
    .sort()
    .flatMap((name) => valuesOf(params[name]!).map((value) => name + value));
  return createHmac('sha1', authToken)
    .update(url + signed.join(''))
    .digest('base64');
}

/** Whether a signature is that of a request; takes the same time whatever is wrong with it. */
export const verify = (
  authToken: string,
  signature: string,
  url: string,
  params: SignedParams = {},
): boolean => isSame(signature, sign(authToken, url, params));

/** Signs a request whose body is not a form: the body's hash is put into the URL, and the URL is signed. */
export function signBody(authToken: string, url: string, body: string): { url: string; signature: string } {
  const signedUrl = `${url}${url.includes('?') ? '&' : '?'}bodySHA256=${hashOf(body)}`;
  return { url: signedUrl, signature: sign(authToken, signedUrl) };
}

/** Whether a signature and the hash in the URL are those of a request whose body is not a form. */
export function verifyBody(authToken: string, signature: string, url: string, body: string): boolean {
  const hash = URL.parse(url)?.searchParams.get('bodySHA256') ?? '';
  return verify(authToken, signature, url) && isSame(hash, hashOf(body));
}

const valuesOf = (value: string | readonly string[]): readonly string[] =>
  typeof value === 'string' ? [value] : [...new Set(value)].sort();

const hashOf = (body: string): string => createHash('sha256').update(body).digest('hex');

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
