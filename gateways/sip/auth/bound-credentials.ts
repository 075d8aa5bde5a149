import { inNetworks } from '../message/index.ts';
import type { Hop } from '../transport/index.ts';
import type { Challenge, Credentials, DigestAlgorithm } from './digest.ts';

export interface CredentialsBinding extends Credentials {
  /** Whose credentials they are: the host that calls are sent to, and its port when it has one of its own. */
  readonly home: Hop;
  /** Networks in CIDR notation in which challenges are answered, too: those that the provider calls from. */
  readonly networks?: readonly string[];
  /** Realms that they are for; absent: the first that each host asks for, as long as this lives. */
  readonly realms?: readonly string[];
  /** What they may be proven by; all that we have when absent. */
  readonly algorithms?: readonly DigestAlgorithm[];
}

/** Hosts of which it is remembered what realm they have; a provider has a few. */
const MAX_HOSTS = 64;

/**
 * Credentials and whom they may be shown. An answer to a challenge lets its reader search for the password, and is good
 * for one request at whoever gave the nonce (RFC 7616, section 5): so it goes to the host that the password is for
 * alone, wherever a Contact or a route leads to, and for that host's realm. One object serves all calls over a trunk, so
 * that what one call has learned holds for the next.
 */
export class BoundCredentials implements Credentials {
  readonly username: string;
  readonly password: string;
  readonly home: Hop;
  readonly algorithms: readonly DigestAlgorithm[] | undefined;
  readonly isListed: (address: string) => boolean;
  readonly #realms: ReadonlySet<string> | undefined;
  /** By host and header. */
  readonly #learned = new Map<string, string>();

  constructor({ username, password, home, networks = [], realms = [], algorithms }: CredentialsBinding) {
    this.username = username;
    this.password = password;
    this.home = home;
    this.algorithms = algorithms;
    this.isListed = inNetworks(networks);
    this.#realms = realms.length === 0 ? undefined : new Set(realms);
  }

  /** Whether a host's challenge is for a realm of these credentials; the first that it asks for is remembered. */
  areFor(address: string, { header, realm }: Pick<Challenge, 'header' | 'realm'>): boolean {
    if (this.#realms !== undefined) return this.#realms.has(realm);
    const key = `${address} ${header}`;
    const known = this.#learned.get(key);
    if (known !== undefined) return known === realm;
    if (this.#learned.size >= MAX_HOSTS) this.#learned.delete(this.#learned.keys().next().value!);
    this.#learned.set(key, realm);
    return true;
  }
}
