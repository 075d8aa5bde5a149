import type { Route } from '@tandem/proto/generated/events.ts';
import { escapeUser } from '../sip/syntax.ts';

/** A provider's interconnect, as far as calls towards it are concerned. */
export interface OutboundTrunk {
  readonly name: string;
  /** `host:port` of the provider. */
  readonly address: string;
  readonly transport: string;
  /** Beginnings of the numbers that it reaches; with none it only takes calls. */
  readonly prefixes: readonly string[];
}

/** Length of the longest prefix that a number begins with; -1 when it begins with none. */
const matchLength = ({ prefixes }: OutboundTrunk, number: string): number =>
  Math.max(-1, ...prefixes.filter((prefix) => number.startsWith(prefix)).map((prefix) => prefix.length));

/**
 * Where a call to a number or SIP URI may be sent, best first: the trunks that reach the number, those with the
 * longest matching prefix before others, in the order of the configuration; of those that are lost, where their
 * provider does not answer, only when there is no other. A SIP URI is its own route.
 */
export function routesTo(
  to: string,
  trunks: readonly OutboundTrunk[],
  lost: ReadonlySet<string> = new Set(),
): Route[] {
  if (/^sips?:/i.test(to)) return [{ trunk: '', uri: to }];
  const reaching = trunks
    .map((trunk) => ({ trunk, match: matchLength(trunk, to) }))
    .filter(({ match }) => match >= 0);
  const answering = reaching.filter(({ trunk }) => !lost.has(trunk.name));
  return (answering.length > 0 ? answering : reaching)
    .sort((one, other) => other.match - one.match)
    .map(({ trunk }) => ({
      trunk: trunk.name,
      uri: `sip:${escapeUser(to)}@${trunk.address};transport=${trunk.transport}`,
    }));
}
