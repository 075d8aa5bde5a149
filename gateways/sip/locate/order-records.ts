import type { SipTransport, TransportName } from '../transport/index.ts';
import type { NaptrRecord, SrvRecord } from './sip-resolver.ts';

/** A transport and the name under which SRV records say where it is served. */
export interface Service {
  readonly transport: TransportName;
  readonly name: string;
}

/** What a domain offers of what may be used, best first (RFC 3263, section 4.1). */
export const servicesOf = (records: readonly NaptrRecord[], usable: readonly SipTransport[]): Service[] =>
  records
    .toSorted((one, other) => one.order - other.order || one.preference - other.preference)
    .flatMap(({ flags, service, replacement }) => {
      const transport = usable.find(({ naptrService }) => naptrService === service.toUpperCase());
      const fits = flags.toLowerCase() === 's' && replacement !== '';
      return fits && transport !== undefined ? [{ transport: transport.name, name: replacement }] : [];
    });

/** The service that a domain has under the usual name. */
export const usualService = ({ name, srvPrefix }: SipTransport, domain: string): Service => ({
  transport: name,
  name: `${srvPrefix}.${domain}`,
});

/**
 * Servers in the order in which they are to be tried: by priority, and among equals drawn by weight (RFC 2782). A target
 * of `.` says that there is no such service.
 *
 * @param random from 0 to below 1
 */
export const orderServers = (records: readonly SrvRecord[], random: () => number): SrvRecord[] => {
  // Those of no weight come first, so that they have a small chance before others of their priority.
  const left = records
    .filter(({ name }) => name !== '' && name !== '.')
    .sort((one, other) => one.priority - other.priority || one.weight - other.weight);
  const ordered: SrvRecord[] = [];
  while (left.length > 0) {
    const { priority } = left[0]!;
    const equals = left.filter((record) => record.priority === priority);
    const drawn = Math.floor(random() * (equals.reduce((sum, { weight }) => sum + weight, 0) + 1));
    const chosen = drawFrom(equals, drawn);
    ordered.push(chosen);
    left.splice(left.indexOf(chosen), 1);
  }
  return ordered;
};

/** The first whose weight, with those before it, comes to what was drawn. */
const drawFrom = (equals: readonly SrvRecord[], drawn: number): SrvRecord => {
  let sum = 0;
  for (const record of equals) {
    sum += record.weight;
    if (sum >= drawn) return record;
  }
  return equals.at(-1)!;
};
