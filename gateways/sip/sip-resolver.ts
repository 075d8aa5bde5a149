import { lookup, Resolver } from 'node:dns/promises';

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
}

/** Milliseconds for one question to one server, and how often it is asked: short of what a caller waits for. */
const QUESTION_MS = 1_000;
const TRIES = 2;

/** Milliseconds for a host's addresses, which the system looks up by its own rules. */
const ADDRESSES_MS = 5_000;

const nothingThere = new Set(['ENOTFOUND', 'ENODATA']);

const orNothing = async <T>(records: Promise<T[]>): Promise<T[]> => {
  try {
    return await records;
  } catch (error) {
    if (nothingThere.has((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
};

/**
 * The DNS servers of this machine, or others; a host's addresses are what the system says, with its hosts file.
 *
 * @param servers IP addresses with ports
 */
export const createSipResolver = (servers?: readonly string[]): SipResolver => {
  const resolver = new Resolver({ timeout: QUESTION_MS, tries: TRIES });
  if (servers !== undefined) resolver.setServers(servers);
  return {
    naptr: (domain) => orNothing(resolver.resolveNaptr(domain)),
    srv: (name) => orNothing(resolver.resolveSrv(name)),
    addresses: async (host) =>
      (await inTime(lookup(host, { all: true }), host)).map(({ address }) => address),
  };
};

const inTime = async <T>(answer: Promise<T>, host: string): Promise<T> => {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error(`there was no answer about ${host} after ${ADDRESSES_MS} ms`)),
    ADDRESSES_MS,
  );
  try {
    return await Promise.race([answer, promise]);
  } finally {
    clearTimeout(timer);
  }
};
