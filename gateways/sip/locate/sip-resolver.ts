import { createNameResolver, NameError } from '@tandem/actors/dns';

/** RFC 3403. */
export interface NaptrRecord {
  readonly order: number;
  readonly preference: number;
  readonly flags: string;
  /** Such as `SIP+D2U`. */
  readonly service: string;
  readonly replacement: string;
}

/** RFC 2782. */
export interface SrvRecord {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly name: string;
}

/** What SIP asks of DNS (RFC 3263). Answers are empty where there is nothing, and rejected when none came. */
export interface SipResolver {
  naptr(domain: string): Promise<readonly NaptrRecord[]>;
  srv(name: string): Promise<readonly SrvRecord[]>;
  /** IP addresses of a host, those to try first in front. */
  addresses(host: string): Promise<readonly string[]>;
  /** Ends what is under way. */
  close?(): void;
}

const orNothing = async <T>(records: Promise<T[]>): Promise<T[]> => {
  try {
    return await records;
  } catch (error) {
    if (error instanceof NameError && error.code === 'ENOTFOUND') return [];
    throw error;
  }
};

/**
 * The DNS servers of this machine, or others; a host's addresses are those of the hosts file when it has some. Each name
 * has look-ups of its own, as many legs may wait for one that nobody answers about, and trunks have other names.
 *
 * @param servers IP addresses with ports
 */
export const createSipResolver = (servers?: readonly string[]): SipResolver => {
  const names = createNameResolver(servers === undefined ? {} : { servers });
  const of = (name: string) => ({ asker: name.toLowerCase() });
  return {
    naptr: (domain) => orNothing(names.ask(domain, (dns) => dns.resolveNaptr(domain), of(domain))),
    srv: (name) => orNothing(names.ask(name, (dns) => dns.resolveSrv(name), of(name))),
    addresses: async (host) => (await names.addresses(host, of(host))).map(({ address }) => address),
    close: () => names.close(),
  };
};
