import { TandemError } from '@tandem/actors/errors';
import { numberInUri } from '@tandem/actors/router';
import type { Refusal, Route } from '@tandem/proto/generated/events.ts';
import { defaultPort, escapeUser, type Hop, hopOf, inNetworks } from '../sip/index.ts';

/** A provider's interconnect, as far as calls towards it are concerned. */
export interface OutboundTrunk {
  readonly name: string;
  /** `host:port` of the provider. */
  readonly address: string;
  readonly transport: string;
  /** Beginnings of the numbers that it reaches; with none it only takes calls. */
  readonly prefixes: readonly string[];
  /** The networks that the provider calls from. */
  readonly allow?: readonly string[];
  /** Which SIP URIs anybody may call there; `numbers` unless given. */
  readonly sipUris?: 'numbers' | 'any';
  /** As whom calls may be made over it; `own` unless given. */
  readonly callerIds?: 'own' | 'any';
}

export interface Asked {
  /** A number or a SIP URI. */
  readonly to: string;
  readonly trunks: readonly OutboundTrunk[];
  /** Trunks whose provider does not answer. */
  readonly lost?: ReadonlySet<string>;
  /** Who calls, when their number is none of the account's. */
  readonly foreignCallerId?: string;
}

/** Where a call may be sent, best first; why nowhere, where a rule forbids it. */
export interface Routes {
  readonly routes: Route[];
  readonly refused?: Refusal;
}

/** Length of the longest prefix that a number begins with; -1 when it begins with none. */
const matchLength = ({ prefixes }: OutboundTrunk, number: string): number =>
  Math.max(-1, ...prefixes.filter((prefix) => number.startsWith(prefix)).map((prefix) => prefix.length));

/**
 * Where a call to a number or SIP URI may be sent, best first: the trunks that reach the number, those with the
 * longest matching prefix before others, in the order of the configuration; of those that are lost, where their
 * provider does not answer, only when there is no other. A SIP URI is its own route; one that leads to a provider's
 * host or networks is a call over its trunk, whose rules hold.
 */
export function routesTo({ to, trunks, lost = new Set(), foreignCallerId }: Asked): Routes {
  const found = /^sips?:/i.test(to) ? uriRoutes(to, trunks) : { routes: numberRoutes(to, trunks, lost) };
  if (foreignCallerId === undefined) return found;
  const takes = (name: string): boolean =>
    name === '' || trunks.some((trunk) => trunk.name === name && trunk.callerIds === 'any');
  const routes = found.routes.filter(({ trunk }) => takes(trunk));
  if (routes.length > 0 || found.routes.length === 0) return { ...found, routes };
  const error = new TandemError('account.caller-id-not-owned', { callerId: foreignCallerId, to });
  return { routes, refused: refusalOf(error) };
}

function numberRoutes(to: string, trunks: readonly OutboundTrunk[], lost: ReadonlySet<string>): Route[] {
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

/** What a provider's host takes from us it takes for ours: whoever dials a URI there is held to the trunk's numbers. */
function uriRoutes(uri: string, trunks: readonly OutboundTrunk[]): Routes {
  const hop = hopOf(uri);
  if (hop === undefined) return { routes: [] };
  const there = trunks.filter((trunk) => leadsTo(trunk, hop));
  if (there.length === 0) return { routes: [{ trunk: '', uri }] };
  const own = there.filter((trunk) => isAt(trunk, hop));
  const taken = own.filter((trunk) => trunk.sipUris === 'any' || reaches(trunk, uri));
  if (taken.length > 0) return { routes: taken.map(({ name }) => ({ trunk: name, uri })) };
  if (there.every(({ sipUris }) => sipUris === 'any')) return { routes: [{ trunk: '', uri }] };
  const trunk = there.find(({ sipUris }) => sipUris !== 'any')!;
  const detail =
    own.length === 0
      ? `only its own address, ${trunk.address}, may be called there`
      : 'its user part begins with none of the prefixes of that trunk';
  return {
    routes: [],
    refused: refusalOf(new TandemError('account.trunk-not-for-uri', { to: uri, trunk: trunk.name, detail })),
  };
}

const refusalOf = ({ code, status, message }: TandemError): Refusal => ({ code, status, message });

const hopOfTrunk = ({ address, transport }: OutboundTrunk): Hop =>
  hopOf(`sip:${address};transport=${transport}`)!;

const isSameHost = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/** Whether a hop is the trunk's host, or in its networks; what a name resolves to is seen when it is resolved. */
function leadsTo(trunk: OutboundTrunk, { host }: Hop): boolean {
  return isSameHost(host, hopOfTrunk(trunk).host) || inNetworks(trunk.allow ?? [])(host);
}

function isAt(trunk: OutboundTrunk, { host, port, transport }: Hop): boolean {
  const own = hopOfTrunk(trunk);
  const usual = defaultPort(transport);
  return isSameHost(host, own.host) && (port ?? usual) === (own.port ?? usual);
}

/** Names are the provider's to know; what a network of telephones may take for a number must be one that it reaches. */
function reaches(trunk: OutboundTrunk, uri: string): boolean {
  const number = numberInUri(uri);
  return number === undefined || matchLength(trunk, number) >= 0;
}
