import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Credentials, type DigestAlgorithm, requestDigest } from './digest.ts';
import { parseDigest, quoted } from './digest-parameters.ts';

/**
 * `wrong`: whoever holds a nonce of ours, and so hears our answers, has credentials that are not right. `stale`: the
 * nonce is not fresh or was never ours; a new challenge says so, and nothing about the credentials. `missing`: there is
 * no answer to a challenge in it.
 */
export type Verdict = 'right' | 'wrong' | 'stale' | 'missing';

export interface DigestVerifierOptions {
  readonly realm: string;
  /** Key of the nonces' signatures; 32 random bytes. Gateways that share it accept each other's nonces. */
  readonly key: Buffer;
  /** How long a nonce is good, in ms. */
  readonly lifetime?: number;
  /** How many nonces are remembered against replay; with one more all that are as old as the oldest are no good any more. */
  readonly remembered?: number;
}

/** What challenges offer unless a peer is to be offered something else: what peers have, the better first. */
export const OFFERED_ALGORITHMS: readonly DigestAlgorithm[] = ['SHA-256', 'MD5'];

interface DigestRequest {
  readonly method: string;
  readonly uri: string;
  readonly body: Buffer;
}

const equal = (a: string, b: string): boolean => {
  const [x, y] = [Buffer.from(a), Buffer.from(b)];
  return x.length === y.length && timingSafeEqual(x, y);
};

/**
 * Challenges peers and checks their answers (RFC 7616, RFC 8760). A nonce is its own time, signed, so a flood of
 * challenges costs no memory; what is remembered, within a bound, is how often a good answer used a nonce. What is
 * forgotten cannot be used again: beyond the bound nonces age faster, and a peer whose nonce was too old is given another.
 */
export class DigestVerifier {
  readonly #realm: string;
  readonly #key: Buffer;
  readonly #lifetime: number;
  readonly #remembered: number;
  /** In the order of their first use. */
  readonly #counts = new Map<string, number>();
  /** Nonces of this time and before are not good any more. */
  #horizon = Number.NEGATIVE_INFINITY;

  constructor(options: DigestVerifierOptions) {
    this.#realm = options.realm;
    this.#key = options.key;
    this.#lifetime = options.lifetime ?? 300_000;
    this.#remembered = options.remembered ?? 10_000;
  }

  /** The values of WWW-Authenticate, in the order of the algorithms. `peer` is the address the nonce is good for. */
  challenges(
    peer: string,
    now: number,
    stale: boolean,
    algorithms: readonly DigestAlgorithm[] = OFFERED_ALGORITHMS,
  ): readonly string[] {
    const nonce = this.#nonce(now.toString(36), peer);
    return algorithms.map(
      (algorithm) =>
        `Digest realm=${quoted(this.#realm)}, nonce="${nonce}", algorithm=${algorithm}, qop="auth,auth-int"${stale ? ', stale=true' : ''}`,
    );
  }

  /** Checks an Authorization header. `known` are the credentials that the peer may prove, by one of the `algorithms`. */
  verify(
    value: string | undefined,
    request: DigestRequest,
    peer: string,
    now: number,
    known: readonly Credentials[],
    algorithms: readonly DigestAlgorithm[] = OFFERED_ALGORITHMS,
  ): Verdict {
    const p = value === undefined ? undefined : parseDigest(value);
    if (p === undefined) return 'missing';
    const [username, nonce, response] = [p.get('username'), p.get('nonce'), p.get('response')];
    const [qop, cnonce, nc] = [p.get('qop')?.toLowerCase(), p.get('cnonce'), p.get('nc')];
    if (nonce === undefined) return 'missing';
    // Before anything is compared: who makes nonces up must learn nothing of passwords, and is not counted as guessing,
    // which others could be made to look like from addresses that are not theirs.
    const time = nonce.slice(0, nonce.indexOf('.'));
    if (!equal(this.#nonce(time, peer), nonce)) return 'stale';
    if (response === undefined || cnonce === undefined || nc === undefined) return 'wrong';
    if (qop !== 'auth' && qop !== 'auth-int') return 'wrong';
    if (!/^[0-9a-f]{8}$/i.test(nc) || p.get('realm') !== this.#realm || p.get('uri') !== request.uri)
      return 'wrong';
    const credentials = known.find((k) => k.username === username);
    if (credentials === undefined) return 'wrong';

    const algorithm = algorithms.find((one) => one === (p.get('algorithm') ?? 'MD5').toUpperCase());
    if (algorithm === undefined) return 'wrong';
    const expected = requestDigest({
      ...credentials,
      ...request,
      algorithm,
      realm: this.#realm,
      nonce,
      qop: { value: qop, cnonce, nc },
    });
    if (expected === undefined || !equal(expected, response.toLowerCase())) return 'wrong';

    const made = Number.parseInt(time, 36);
    const age = now - made;
    if (!(age >= 0 && age <= this.#lifetime && made > this.#horizon)) return 'stale';
    const count = Number.parseInt(nc, 16);
    if (count <= (this.#counts.get(nonce) ?? 0)) return 'stale';
    this.#remember(nonce, count);
    return 'right';
  }

  #nonce(time: string, peer: string): string {
    const signature = createHmac('sha256', this.#key)
      .update(`${time}|${peer}|${this.#realm}`)
      .digest('base64url');
    return `${time}.${signature}`;
  }

  #remember(nonce: string, count: number): void {
    this.#counts.set(nonce, count);
    if (this.#counts.size <= this.#remembered) return;
    const [oldest] = this.#counts.keys();
    this.#counts.delete(oldest!);
    this.#horizon = Math.max(this.#horizon, Number.parseInt(oldest!, 36));
  }
}
