import { ANONYMOUS } from '@tandem/actors/machines/transition';
import type { Header, SipRequest } from '../message/index.ts';
import { escapeUser, parseAddress, parseUri, type TelUri, unescapeUri } from '../message/index.ts';

/** A number as dialled: digits, `*` and `#`, with or without a leading `+`. */
const number = /^\+?[0-9*#]{1,32}$/;

/** The number of a `tel` URI; a local one with where it is local to, since 100 here is not 100 there (RFC 3966, 5.1.5). */
const telephoneOf = ({ number, parameters }: TelUri): string => {
  const context = number.startsWith('+') ? undefined : parameters.get('phone-context');
  if (context === undefined) return number;
  const place = context.startsWith('+') ? context.replace(/[-.()]/g, '') : context.toLowerCase();
  return `tel:${number};phone-context=${place}`;
};

/** The number in a user part that says what it is local to (RFC 3261, 19.1.6), if it is a number. */
const localPartyOf = (user: string): string | undefined => {
  try {
    const uri = parseUri(`tel:${user}`, 'URI');
    return uri.scheme === 'tel' ? telephoneOf(uri) : undefined;
  } catch {
    return undefined;
  }
};

/**
 * A party as the session's owner sees it: the number in a URI's user part, a `tel` URI for one that means something in
 * its context only, else the URI.
 *
 * @throws sip.malformed
 */
export const partyOf = (text: string): string => {
  const uri = parseUri(text, 'URI');
  if (uri.scheme === 'tel') return telephoneOf(uri);
  if (uri.scheme === 'other' || uri.user === undefined) return text;
  if (/;phone-context=/i.test(uri.user)) return localPartyOf(uri.user) ?? text;
  // A telephone number in a sip URI may have the parameters of a tel URI and visual separators (RFC 3261, 19.1.6).
  const user = unescapeUri(uri.user.split(';')[0] ?? '').replace(/(?<=\d)[-.()](?=\d)/g, '');
  return number.test(user) ? user : text;
};

/** Our From for whoever does not want to be known (RFC 3323, section 4.1.1.3). */
const ANONYMOUS_URI = 'sip:anonymous@anonymous.invalid';

/** Kinds of privacy that hide who calls (RFC 3323, section 4.2; RFC 3325, section 9.3); `none` and `history` do not. */
const HIDING = new Set(['id', 'user', 'header', 'session']);

const asksForPrivacy = ({ headers }: SipRequest): boolean =>
  headers
    .all('Privacy')
    .flatMap((value) => value.split(/[;,]/))
    .some((kind) => HIDING.has(kind.trim().toLowerCase()));

/** Carriers write their own host behind the `@`, so the name alone says it. */
const namesNobody = (text: string): boolean => {
  const uri = parseUri(text, 'From');
  if (uri.scheme !== 'sip' && uri.scheme !== 'sips') return false;
  return uri.user?.toLowerCase() === ANONYMOUS || uri.host.toLowerCase() === 'anonymous.invalid';
};

export interface CallingParty {
  readonly from: string;
  readonly name?: string;
  /** Who an anonymous caller is, when a network that we trust says so. */
  readonly withheld?: string;
}

/**
 * Who calls: by From, or by what a network that we trust asserts (RFC 3325). A caller who asks for privacy is nobody,
 * whether the peer is trusted or not; what a trusted one says of them is kept apart.
 *
 * @throws sip.malformed
 */
export const callingParty = (request: SipRequest, trusted: boolean): CallingParty => {
  const asserted = trusted ? request.headers.get('P-Asserted-Identity') : undefined;
  const from = parseAddress(request.headers.get('From')!, 'From');
  const address = asserted === undefined ? from : parseAddress(asserted, 'P-Asserted-Identity');
  if (!asksForPrivacy(request) && !namesNobody(from.uri))
    return { from: partyOf(address.uri), name: address.displayName ?? from.displayName };
  if (!trusted || namesNobody(address.uri)) return { from: ANONYMOUS };
  return { from: ANONYMOUS, withheld: partyOf(address.uri) };
};

/** The URI of our From for a number, a URI, or nobody. */
export const identityUri = (party: string, domain: string): string => {
  if (party === ANONYMOUS) return ANONYMOUS_URI;
  return /^(?:sips?|tel):/i.test(party) ? party : `sip:${escapeUser(party)}@${domain}`;
};

/**
 * What our INVITE says of a caller who is anonymous: to show them to nobody and, to a peer that is trusted to do that,
 * who they are.
 */
export const privacyFields = (
  { from, withheld }: { readonly from: string; readonly withheld?: string },
  domain: string,
): Header[] => {
  if (from !== ANONYMOUS) return [];
  const identity: Header[] =
    withheld === undefined ? [] : [['P-Asserted-Identity', `<${identityUri(withheld, domain)}>`]];
  return [...identity, ['Privacy', 'id']];
};
