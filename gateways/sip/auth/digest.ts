import { createHash } from 'node:crypto';
import { type DigestParameters, parseDigest, quoted, splitChallenges } from './digest-parameters.ts';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** The algorithms that we have, best first (RFC 8760, section 2.3). */
export const DIGEST_ALGORITHMS = ['SHA-512-256', 'SHA-256', 'MD5'] as const;

export type DigestAlgorithm = (typeof DIGEST_ALGORITHMS)[number];

/** Their hash functions. */
const algorithms: ReadonlyMap<string, string> = new Map<DigestAlgorithm, string>([
  ['SHA-512-256', 'sha512-256'],
  ['SHA-256', 'sha256'],
  ['MD5', 'md5'],
]);
const preference = [...algorithms.keys()];

/** What a response is computed from (RFC 7616, section 3.4). */
export interface DigestInput {
  readonly algorithm: string;
  readonly username: string;
  readonly realm: string;
  readonly password: string;
  readonly nonce: string;
  readonly method: string;
  readonly uri: string;
  readonly body: Buffer;
  /** Absent: as RFC 2069 had it. */
  readonly qop?: { readonly value: string; readonly cnonce: string; readonly nc: string };
}

/** The request-digest in hexadecimal; undefined for an algorithm that we do not have. */
export const requestDigest = (input: DigestInput): string | undefined => {
  const hash = algorithms.get(input.algorithm.toUpperCase());
  if (hash === undefined) return undefined;
  const h = (text: string | Buffer): string => createHash(hash).update(text).digest('hex');
  const secret = h(`${input.username}:${input.realm}:${input.password}`);
  const request =
    input.qop?.value === 'auth-int'
      ? h(`${input.method}:${input.uri}:${h(input.body)}`)
      : h(`${input.method}:${input.uri}`);
  return input.qop === undefined
    ? h(`${secret}:${input.nonce}:${request}`)
    : h(`${secret}:${input.nonce}:${input.qop.nc}:${input.qop.cnonce}:${input.qop.value}:${request}`);
};

/** A peer's challenge that we can answer. */
export interface Challenge {
  /** The header that the answer goes into. */
  readonly header: 'Authorization' | 'Proxy-Authorization';
  readonly algorithm: string;
  readonly realm: string;
  readonly nonce: string;
  readonly opaque?: string;
  readonly qop?: 'auth' | 'auth-int';
  /** The nonce was too old, the credentials were not refused. */
  readonly stale: boolean;
}

const usable = (
  p: DigestParameters,
  header: Challenge['header'],
  allowed: readonly DigestAlgorithm[],
): Challenge | undefined => {
  const named = (p.get('algorithm') ?? 'MD5').toUpperCase();
  const algorithm = allowed.find((each) => each === named);
  const realm = p.get('realm');
  const nonce = p.get('nonce');
  if (realm === undefined || nonce === undefined || algorithm === undefined) return undefined;
  const offered = p
    .get('qop')
    ?.split(',')
    .map((q) => q.trim().toLowerCase());
  const qop = offered?.includes('auth') ? 'auth' : offered?.includes('auth-int') ? 'auth-int' : undefined;
  if (offered !== undefined && qop === undefined) return undefined;
  // Only MD5 was ever defined without qop (RFC 2069). Without it no nonce of ours is in the answer.
  if (qop === undefined && algorithm !== 'MD5') return undefined;
  const stale = p.get('stale')?.toLowerCase() === 'true';
  return { header, algorithm, realm, nonce, opaque: p.get('opaque'), qop, stale };
};

/**
 * The challenges to answer, of all that a 401 (`WWW-Authenticate`) or 407 (`Proxy-Authenticate`) carries: for each realm
 * the one with the best algorithm (RFC 3261, section 22.3; RFC 8760, section 2.4). One field may hold several.
 *
 * @param allowed the algorithms that may be used; all that we have when absent
 */
export const chooseChallenges = (
  values: readonly string[],
  header: Challenge['header'],
  allowed: readonly DigestAlgorithm[] = DIGEST_ALGORITHMS,
): readonly Challenge[] => {
  const best = new Map<string, Challenge>();
  for (const value of values.flatMap(splitChallenges)) {
    const parameters = parseDigest(value);
    const challenge = parameters === undefined ? undefined : usable(parameters, header, allowed);
    if (challenge === undefined) continue;
    const other = best.get(challenge.realm);
    if (other === undefined || preference.indexOf(challenge.algorithm) < preference.indexOf(other.algorithm))
      best.set(challenge.realm, challenge);
  }
  return [...best.values()];
};

/** The value of the Authorization header that answers a challenge. `count` is from 1, for this nonce. */
export const answerChallenge = (
  challenge: Challenge,
  credentials: Credentials,
  request: { readonly method: string; readonly uri: string; readonly body: Buffer },
  count: number,
  cnonce: string,
): string => {
  const { algorithm, realm, nonce, opaque } = challenge;
  const nc = count.toString(16).padStart(8, '0');
  const qop = challenge.qop === undefined ? undefined : { value: challenge.qop, cnonce, nc };
  const response = requestDigest({ ...credentials, ...request, algorithm, realm, nonce, qop });
  const parts = [
    `username=${quoted(credentials.username)}`,
    `realm=${quoted(realm)}`,
    `nonce=${quoted(nonce)}`,
    `uri=${quoted(request.uri)}`,
    `response="${response}"`,
    `algorithm=${algorithm}`,
  ];
  if (qop !== undefined) parts.push(`qop=${qop.value}`, `cnonce=${quoted(cnonce)}`, `nc=${nc}`);
  if (opaque !== undefined) parts.push(`opaque=${quoted(opaque)}`);
  return `Digest ${parts.join(', ')}`;
};
