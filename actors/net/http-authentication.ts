import { createHash, randomBytes } from 'node:crypto';

/** A user name and password. */
export interface Login {
  readonly username: string;
  readonly password: string;
}

/** A request that is to be made again with an Authorization header. */
export interface Challenged {
  readonly method: string;
  /** The request target as it is sent: path and query. */
  readonly target: string;
  readonly body: string;
}

interface Challenge {
  /** In lower case. */
  readonly scheme: string;
  /** Names in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** Digest algorithms (RFC 7616, section 6.1), the better first, and what node:crypto calls them. */
const ALGORITHMS = [
  ['SHA-512-256', 'sha512-256'],
  ['SHA-256', 'sha256'],
  ['MD5', 'md5'],
] as const;

/**
 * The value of an Authorization header that answers the best of a server's challenges: Digest (RFC 7616) by the best
 * algorithm, else Basic (RFC 7617); undefined when there is none that we can answer.
 *
 * @param fields the values of its WWW-Authenticate headers
 * @param cnonce what we put into a digest; drawn unless given
 */
export function authorize(
  fields: readonly string[],
  login: Login,
  request: Challenged,
  cnonce: string = randomBytes(16).toString('base64url'),
): string | undefined {
  const challenges = fields.flatMap(readChallenges);
  const digests = challenges.filter(
    ({ scheme, parameters }) => scheme === 'digest' && parameters.has('nonce'),
  );
  for (const [algorithm, hash] of ALGORITHMS) {
    for (const { parameters } of digests) {
      const named = parameters.get('algorithm') ?? 'MD5';
      const isSession = /-sess$/i.test(named);
      if (named.replace(/-sess$/i, '').toUpperCase() !== algorithm) continue;
      const answer = digest({ parameters, hash, named, isSession }, login, request, cnonce);
      if (answer !== undefined) return answer;
    }
  }
  if (!challenges.some(({ scheme }) => scheme === 'basic')) return undefined;
  return `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
}

/** Whether a server only wants another nonce, and the password was right (RFC 7616, section 3.3). */
export const isStale = (fields: readonly string[]): boolean =>
  fields
    .flatMap(readChallenges)
    .some(
      ({ scheme, parameters }) => scheme === 'digest' && parameters.get('stale')?.toLowerCase() === 'true',
    );

interface DigestAsked {
  readonly parameters: ReadonlyMap<string, string>;
  readonly hash: string;
  readonly named: string;
  readonly isSession: boolean;
}

/** RFC 7616, section 3.4; without a qop as RFC 2069 had it. */
function digest(
  { parameters, hash, named, isSession }: DigestAsked,
  { username, password }: Login,
  { method, target, body }: Challenged,
  cnonce: string,
): string | undefined {
  const h = (text: string): string => createHash(hash).update(text).digest('hex');
  const { realm = '', nonce = '', opaque, qop: offered, userhash } = Object.fromEntries(parameters);
  const qops = offered?.toLowerCase().split(/[\s,]+/);
  const qop = qops?.includes('auth') ? 'auth' : qops?.includes('auth-int') ? 'auth-int' : undefined;
  if (qops !== undefined && qop === undefined) return undefined;
  const nc = '00000001';
  const secret = h(`${username}:${realm}:${password}`);
  const a1 = isSession ? h(`${secret}:${nonce}:${cnonce}`) : secret;
  const a2 = h(qop === 'auth-int' ? `${method}:${target}:${h(body)}` : `${method}:${target}`);
  const response = h(
    qop === undefined ? `${a1}:${nonce}:${a2}` : `${a1}:${nonce}:${nc}:${cnonce}:${qop}:${a2}`,
  );
  const isHashed = userhash?.toLowerCase() === 'true';
  return `Digest ${[
    isHashed ? `username="${h(`${username}:${realm}`)}"` : userField(username),
    `realm=${quote(realm)}`,
    `nonce=${quote(nonce)}`,
    `uri="${target}"`,
    `response="${response}"`,
    ...(parameters.has('algorithm') ? [`algorithm=${named}`] : []),
    ...(opaque === undefined ? [] : [`opaque=${quote(opaque)}`]),
    ...(qop === undefined ? [] : [`qop=${qop}`, `nc=${nc}`]),
    ...(qop !== undefined || isSession ? [`cnonce="${cnonce}"`] : []),
    ...(isHashed ? ['userhash=true'] : []),
  ].join(', ')}`;
}

const quote = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;

/** A user name outside ASCII is written as RFC 8187 has it (RFC 7616, section 3.4). */
const userField = (username: string): string =>
  /^[\x20-\x7e]*$/.test(username)
    ? `username=${quote(username)}`
    : `username*=UTF-8''${encodeURIComponent(username).replace(/['()*]/g, escaped)}`;

const escaped = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;

/** A scheme, or a parameter's name; then `=` and a value make it a parameter (RFC 9110, section 11.6.1). */
const PART = /[\s,]*([!#$%&'*+.^`|~\w-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"=]+)))?(?:[/+=][^\s,]*)?/gy;

/** The challenges of a WWW-Authenticate field, which may be several; what cannot be read ends it. */
function readChallenges(field: string): Challenge[] {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  for (const [, name = '', quoted, token] of field.slice(0, 8192).matchAll(PART)) {
    const value = quoted?.replace(/\\(.)/g, '$1') ?? token;
    if (value === undefined) challenges.push({ scheme: name.toLowerCase(), parameters: new Map() });
    else challenges.at(-1)?.parameters.set(name.toLowerCase(), value);
  }
  return challenges;
}
