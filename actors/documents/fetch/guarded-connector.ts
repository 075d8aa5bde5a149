import { isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import type { ResolveHost } from '../../dns/index.ts';
import type { AddressPolicy } from '../../net/index.ts';

/** Why no connection was made: the host has an address that the policy refuses. */
export class RefusedAddress extends Error {
  override readonly name = 'RefusedAddress';
  readonly address: string;
  readonly range: string;

  constructor(address: string, range: string) {
    super(`${address} is refused (${range})`);
    this.address = address;
    this.range = range;
  }
}

/**
 * A connector for undici that asks the policy about the very addresses that it then connects to, so that a
 * name which resolves to something else a moment later gains nothing (DNS rebinding). One refused address
 * refuses the host.
 * @param asker for whom names are looked up; each host is its own when absent
 * @param timeout milliseconds until a connection, TLS included, must stand
 */
export function guardedConnector(
  refuses: AddressPolicy,
  resolve: ResolveHost,
  timeout: number,
  asker?: string,
): buildConnector.connector {
  const lookup: LookupFunction = (hostname, options, done) => {
    resolve(hostname, { asker: asker ?? hostname }).then(
      (addresses) => {
        const refusal = addresses.map(({ address }) => check(address, refuses)).find(Boolean);
        const wanted = addresses.filter(({ family }) => !options.family || family === options.family);
        if (refusal) done(refusal, '');
        else if (wanted.length === 0) done(new Error(`${hostname} has no address`), '');
        else if (options.all) done(null, wanted);
        else done(null, wanted[0]!.address, wanted[0]!.family);
      },
      (error) => done(error, ''),
    );
  };
  const connect = buildConnector({ lookup, timeout, allowH2: false });
  return (options, done) => {
    const host = options.hostname.replace(/^\[|\]$/g, ''); // a literal address is not looked up
    const refusal = isIP(host) === 0 ? undefined : check(host, refuses);
    if (refusal) done(refusal, null);
    else connect(options, done);
  };
}

function check(address: string, refuses: AddressPolicy): RefusedAddress | undefined {
  const range = refuses(address);
  return range === undefined ? undefined : new RefusedAddress(address, range);
}
