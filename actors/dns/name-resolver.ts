import type { LookupAddress } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { FairSlots, SlotsFull } from './fair-slots.ts';
import { HostsFile } from './hosts-file.ts';

/** Why a name has no addresses or records here: `ENOTFOUND` when there are none, others when nobody could say. */
export class NameError extends Error {
  override readonly name = 'NameError';
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export interface AskOptions {
  /** For whom it is asked, an account or a trunk: each has look-ups of their own, and waits for their own only. */
  readonly asker?: string;
  /** Gives up, and gives the place under way to the next, when it is aborted. */
  readonly signal?: AbortSignal;
}

/** All addresses of a host, IPv4 before IPv6. @throws NameError, or the signal's reason */
export type ResolveHost = (host: string, options?: AskOptions) => Promise<LookupAddress[]>;

export interface NameResolver {
  /**
   * The addresses of a host: an address is its own, then the hosts file counts, then `localhost` is this machine (RFC
   * 6761, section 6.3), then the name servers are asked for A and AAAA. A name is whole: no search domains are tried.
   */
  readonly addresses: ResolveHost;
  /**
   * Asks the name servers something else about a name, such as `(dns) => dns.resolveSrv(name)`.
   * @throws NameError, or the signal's reason; that there is nothing is a NameError with `ENOTFOUND`
   */
  readonly ask: <T>(name: string, question: Question<T>, options?: AskOptions) => Promise<T>;
  /** Ends what is under way. */
  close(): void;
}

type Question<T> = (servers: Resolver) => Promise<T>;

export interface NameResolverOptions {
  /** IP addresses of name servers, with ports; those of resolv.conf unless given. */
  readonly servers?: readonly string[];
  /** `/etc/hosts` unless given. */
  readonly hostsFile?: string;
  /** Milliseconds for a look-up, waiting for others of the same asker included; 5000 unless given. */
  readonly limit?: number;
  /** Milliseconds since any fixed moment. */
  readonly now?: () => number;
}

/** Look-ups of one asker at once, and how many more wait: a call needs one, and a name server answers in some ms. */
const AT_ONCE = 8;
const MOST_WAITING = 256;

/** Milliseconds for one question to one server, doubled with the next try, and how often each is asked. */
const QUESTION_MS = 1_000;
const TRIES = 2;

/** Milliseconds that IPv6 is waited for when there is IPv4, or the other way round (RFC 8305, section 3, with room). */
const OTHER_FAMILY_MS = 250;

/** Milliseconds for which a name that does not exist is not asked for again, and how many are remembered. */
const NOTHING_MS = 5_000;
const MOST_NOTHING = 1_000;

/** Labels of 1 to 63 letters, digits, hyphens and underscores; 253 characters (RFC 1123, section 2.1; RFC 2181, 11). */
const NAME = /^(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/;

const NOTHING = new Set(['ENOTFOUND', 'ENODATA']);

const LOOPBACK: readonly LookupAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

interface Lookup {
  readonly addresses: Promise<LookupAddress[]>;
  readonly given: AbortController;
  waiting: number;
}

/**
 * Resolves names without getaddrinfo, which would hold one of libuv's few threads for as long as a name server is
 * silent: four such names would stop everybody's, and everybody's files with them.
 */
export function createNameResolver(options: NameResolverOptions = {}): NameResolver {
  const { servers, hostsFile = '/etc/hosts', limit = 5_000, now = () => performance.now() } = options;
  const hosts = new HostsFile(hostsFile);
  const slots = new FairSlots(AT_ONCE, MOST_WAITING);
  const nothing = new Map<string, number>();
  const lookups = new Map<string, Lookup>();
  const closing = new AbortController();

  /** Asks with a resolver of its own, so that giving up on it ends nothing else; it reads resolv.conf as that is now. */
  async function ask<T>(name: string, question: Question<T>, { asker = '', signal }: AskOptions): Promise<T> {
    const late = new AbortController();
    const timer = setTimeout(
      () => late.abort(new NameError('ETIMEOUT', `no name server answered about ${name} within ${limit} ms`)),
      limit,
    );
    const ended = AbortSignal.any([late.signal, closing.signal, ...(signal ? [signal] : [])]);
    try {
      const giveBack = await slots.take(asker, ended);
      const resolver = new Resolver({ timeout: QUESTION_MS, tries: TRIES });
      const cancel = (): void => resolver.cancel();
      ended.addEventListener('abort', cancel, { once: true });
      try {
        if (servers !== undefined) resolver.setServers(servers);
        return await question(resolver);
      } finally {
        ended.removeEventListener('abort', cancel);
        resolver.cancel();
        giveBack();
      }
    } catch (error) {
      ended.throwIfAborted();
      throw asNameError(error, name);
    } finally {
      clearTimeout(timer);
    }
  }

  async function lookUp(name: string, asking: AskOptions): Promise<LookupAddress[]> {
    const until = nothing.get(name);
    if (until !== undefined && until > now()) throw noAddress(name);
    nothing.delete(name);
    try {
      return await ask(name, (resolver) => bothFamilies(resolver, name), asking);
    } catch (error) {
      if (error instanceof NameError && error.code === 'ENOTFOUND') {
        if (nothing.size >= MOST_NOTHING) nothing.delete(nothing.keys().next().value!);
        nothing.set(name, now() + NOTHING_MS);
      }
      throw error;
    }
  }

  /** Those who ask for the same name at the same time wait for one look-up, which ends when none of them is left. */
  async function shared(name: string, { asker = '', signal }: AskOptions): Promise<LookupAddress[]> {
    signal?.throwIfAborted();
    const key = `${asker} ${name}`;
    let lookup = lookups.get(key);
    if (lookup === undefined) {
      const given = new AbortController();
      const addresses = lookUp(name, { asker, signal: given.signal });
      lookup = { addresses, given, waiting: 0 };
      lookups.set(key, lookup);
      const forget = (): void => {
        if (lookups.get(key) === lookup) lookups.delete(key);
      };
      addresses.then(forget, forget);
    }
    const joined = lookup;
    joined.waiting += 1;
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const giveUp = (): void => reject(signal!.reason);
    signal?.addEventListener('abort', giveUp, { once: true });
    try {
      return [...(await Promise.race([joined.addresses, aborted]))];
    } finally {
      signal?.removeEventListener('abort', giveUp);
      joined.waiting -= 1;
      if (joined.waiting === 0) {
        if (lookups.get(key) === joined) lookups.delete(key);
        joined.given.abort(new NameError('ECANCELLED', `nobody asks for ${name} any more`));
      }
    }
  }

  return {
    async addresses(host, asking = {}) {
      const family = isIP(host);
      if (family !== 0) return [{ address: host, family }];
      const name = host.toLowerCase().replace(/\.$/, '');
      if (!NAME.test(name)) throw noAddress(host);
      const listed = hosts.addressesOf(name);
      if (listed.length > 0) return byFamily(listed);
      if (name === 'localhost' || name.endsWith('.localhost')) return [...LOOPBACK];
      return shared(name, asking);
    },
    ask: (name, question, asking = {}) => ask(name, question, asking),
    close: () => closing.abort(new NameError('ECANCELLED', 'names are not looked up any more')),
  };
}

/** The addresses that either family has; the other is not waited for long, as there are servers that drop its question. */
async function bothFamilies(resolver: Resolver, name: string): Promise<LookupAddress[]> {
  const { promise: patience, resolve: endPatience } = Promise.withResolvers<LookupAddress[]>();
  let timer: NodeJS.Timeout | undefined;
  const asFound = (family: 4 | 6) => (found: string[]) => {
    timer ??= setTimeout(() => endPatience([]), OTHER_FAMILY_MS);
    return found.map((address): LookupAddress => ({ address, family }));
  };
  const asked = [resolver.resolve4(name).then(asFound(4)), resolver.resolve6(name).then(asFound(6))];
  try {
    const answers = await Promise.allSettled(asked.map((answer) => Promise.race([answer, patience])));
    const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    if (found.length > 0) return found;
    const reasons = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []));
    throw reasons.find(({ code }) => !NOTHING.has(code)) ?? reasons[0];
  } finally {
    clearTimeout(timer);
  }
}

const byFamily = (addresses: readonly LookupAddress[]): LookupAddress[] =>
  addresses.toSorted((one, other) => one.family - other.family);

const noAddress = (host: string): NameError => new NameError('ENOTFOUND', `${host} has no address`);

function asNameError(error: unknown, name: string): NameError {
  if (error instanceof SlotsFull) {
    return new NameError('EBUSY', `${name} was not looked up: too many other names are waited for`);
  }
  const { code = 'EFAIL' } = error as NodeJS.ErrnoException;
  if (NOTHING.has(code)) return new NameError('ENOTFOUND', `${name} has no such record`, { cause: error });
  const said = code === 'ETIMEOUT' ? 'no name server answered' : `the name servers failed (${code})`;
  return new NameError(code, `${said} about ${name}`, { cause: error });
}
