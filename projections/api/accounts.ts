import { createHash, timingSafeEqual } from 'node:crypto';
import { TandemError } from '@tandem/actors/errors';

/** An account that may use the API. */
export interface ApiAccount {
  readonly sid: string;
  readonly authToken: string;
  /** Whether it may see and change the network itself: regions and gateways. */
  readonly operator?: boolean;
}

/**
 * Says which account an Authorization header speaks for (RFC 7617).
 *
 * @throws api.unauthorized
 */
export type Authenticate = (authorization: string | undefined) => string;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Compares in constant time, and takes as long for an account that does not exist. */
export function createAuthenticate(accounts: readonly ApiAccount[]): Authenticate {
  const tokens = new Map(accounts.map(({ sid, authToken }) => [sid, digest(authToken)]));
  const nobody = digest('');
  return (authorization) => {
    const [, encoded = ''] = /^Basic +([A-Za-z0-9+/=]{1,1024})$/i.exec(authorization ?? '') ?? [];
    const pair = Buffer.from(encoded, 'base64').toString('utf8');
    const colon = pair.indexOf(':');
    const sid = pair.slice(0, Math.max(0, colon));
    const known = tokens.get(sid);
    const equal = timingSafeEqual(digest(pair.slice(colon + 1)), known ?? nobody);
    if (colon === -1 || known === undefined || !equal) throw new TandemError('api.unauthorized', {});
    return sid;
  };
}
