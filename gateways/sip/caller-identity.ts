import { parseAddress } from './address.ts';
import type { SipRequest } from './message.ts';
import { unescapeUri } from './syntax.ts';
import { parseUri } from './uri.ts';

/** A number as dialled: digits, `*` and `#`, with or without a leading `+`. */
const number = /^\+?[0-9*#]{1,32}$/;

/** A party as the session's owner sees it: the number in a URI's user part, else the URI. @throws sip.malformed */
export const partyOf = (text: string): string => {
  const uri = parseUri(text, 'URI');
  if (uri.scheme === 'tel') return uri.number;
  if (uri.scheme === 'other' || uri.user === undefined) return text;
  // A telephone number in a sip URI may have the parameters of a tel URI and visual separators (RFC 3261, 19.1.6).
  const user = unescapeUri(uri.user.split(';')[0] ?? '').replace(/(?<=\d)[-.()](?=\d)/g, '');
  return number.test(user) ? user : text;
};

export interface CallingParty {
  readonly from: string;
  readonly name?: string;
}

/** Who calls: by From, or by what a network that we trust asserts (RFC 3325). @throws sip.malformed */
export const callingParty = (request: SipRequest, trusted: boolean): CallingParty => {
  const asserted = trusted ? request.headers.get('P-Asserted-Identity') : undefined;
  const from = parseAddress(request.headers.get('From')!, 'From');
  const address = asserted === undefined ? from : parseAddress(asserted, 'P-Asserted-Identity');
  return { from: partyOf(address.uri), name: address.displayName ?? from.displayName };
};

/** The URI of our From for a number or a URI. */
export const identityUri = (party: string, domain: string): string =>
  /^(?:sips?|tel):/i.test(party)
    ? party
    : `sip:${encodeURIComponent(party).replaceAll('%2B', '+').replaceAll('%23', '#')}@${domain}`;
