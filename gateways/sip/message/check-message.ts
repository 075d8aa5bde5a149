import { isTandemError, type TandemError } from '@tandem/actors/errors';
import { parseAddress } from './address.ts';
import { parseCSeq } from './cseq.ts';
import { MAX_LIST_ELEMENTS } from './limits.ts';
import type { SipMessage } from './message.ts';
import { parseParameterized } from './parameters.ts';
import { excerpt, malformed } from './syntax.ts';
import { parseUri } from './uri.ts';
import { BRANCH_COOKIE, parseVia } from './via.ts';

/** What a message must observe in one header field. */
interface Rule {
  readonly name: string;
  /** How many values it may have. */
  readonly most: number;
  /** @throws sip.malformed */
  readonly check: (value: string, name: string) => unknown;
  /** Whether a message cannot be served without it; else it is ignored when it is not as it should be. */
  readonly isNeeded: (message: SipMessage) => boolean;
}

const checkVia = (value: string): void => {
  const branch = parseVia(value).parameters.get('branch');
  if (branch?.toLowerCase() === BRANCH_COOKIE.toLowerCase()) {
    throw malformed(`the branch has nothing after ${BRANCH_COOKIE}`, 'Via');
  }
};

const checkContact = (value: string): void => {
  if (value !== '*') parseAddress(value, 'Contact');
};

const checkCallId = (value: string): void => {
  if (value === '' || /[ \t]/.test(value)) throw malformed(`${excerpt(value)} is no Call-ID`, 'Call-ID');
};

const checkMaxForwards = (value: string): void => {
  if (!/^[0-9]{1,10}$/.test(value) || Number(value) > 255) {
    throw malformed(`${excerpt(value)} is not 0 to 255`, 'Max-Forwards');
  }
};

const checkNothing = (): void => {};

const always = (): boolean => true;
const never = (): boolean => false;
const inRequests = ({ kind }: SipMessage): boolean => kind === 'request';

/** Methods whose Contact says where the peer is to be reached from now on. */
const WITH_CONTACT = new Set(['INVITE', 'UPDATE', 'REFER', 'REGISTER', 'SUBSCRIBE']);

const placesPeer = (message: SipMessage): boolean =>
  message.kind === 'request' && WITH_CONTACT.has(message.method);

/** Our answer makes a dialog, which has this route set (RFC 3261, 12.1.1). */
const routesDialog = (message: SipMessage): boolean =>
  message.kind === 'request' && message.method === 'INVITE';

const rule = (
  name: string,
  most: number,
  check: Rule['check'],
  isNeeded: Rule['isNeeded'] = never,
): readonly [string, Rule] => [name.toLowerCase(), { name, most, check, isNeeded }];

const RULES = new Map([
  rule('Via', MAX_LIST_ELEMENTS, checkVia, always),
  rule('From', 1, parseAddress, always),
  rule('To', 1, parseAddress, always),
  rule('Call-ID', 1, checkCallId, always),
  rule('CSeq', 1, parseCSeq, always),
  rule('Max-Forwards', 1, checkMaxForwards, inRequests),
  rule('Contact', MAX_LIST_ELEMENTS, checkContact, placesPeer),
  rule('Record-Route', MAX_LIST_ELEMENTS, parseAddress, routesDialog),
  rule('Route', MAX_LIST_ELEMENTS, parseAddress),
  rule('P-Asserted-Identity', MAX_LIST_ELEMENTS, parseAddress),
  rule('Refer-To', 1, parseAddress),
  rule('Referred-By', 1, parseAddress),
  rule('Content-Type', 1, parseParameterized),
  rule('Session-Expires', 1, parseParameterized),
  rule('Event', 1, parseParameterized),
  rule('Expires', 1, checkNothing),
  rule('Min-SE', 1, checkNothing),
  rule('RAck', 1, checkNothing),
  rule('RSeq', 1, checkNothing),
  rule('Replaces', 1, checkNothing),
]);

/** RFC 3261, 8.1.1: what every message has. Max-Forwards is not among them, because RFC 2543 peers leave it out. */
const REQUIRED = ['Via', 'From', 'To', 'Call-ID', 'CSeq'];

/**
 * Checks the header fields that the layers above read without asking whether they are well-formed: they are there as
 * often as they may be, and `parseVia`, `parseAddress` (but for `*` in Contact), `parseCSeq` and `parseParameterized`
 * take every value that the rules name them for. A field that the message can be served without is taken out when it
 * is not so (RFC 3261, 8.2.2); who needs it after all finds it missing. In a response a Contact is left as it is: one
 * that answers has to be acknowledged, and hung up on, whatever it says.
 *
 * @param ignored told of each field that was taken out
 */
export const checkMessage = (
  message: SipMessage,
  ignored: (name: string) => void = () => {},
): TandemError<'sip.malformed'> | undefined => {
  try {
    if (message.kind === 'request') checkRequestUri(message.uri);
    const counts = checkValues(message, ignored);
    for (const name of REQUIRED) if (!counts.has(name)) throw malformed('it is missing', name);
    // A user agent sends requests with one Via, so an answer with more was meant for somebody else (8.1.3.3).
    if (message.kind === 'response' && counts.get('Via') !== 1) {
      throw malformed('a response has more than our own', 'Via');
    }
    return undefined;
  } catch (error) {
    if (isTandemError(error, 'sip.malformed')) return error;
    throw error;
  }
};

/** How many values each header field has for which there is a rule. */
const checkValues = (message: SipMessage, ignored: (name: string) => void): Map<string, number> => {
  const counts = new Map<string, number>();
  const broken = new Set<string>();
  message.headers.forEachIn(RULES, (rule, value) => {
    const { name } = rule;
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    if (broken.has(name)) return;
    try {
      checkValue(rule, value, count);
    } catch (error) {
      if (rule.isNeeded(message) || !isTandemError(error, 'sip.malformed')) throw error;
      broken.add(name);
    }
  });
  for (const name of broken) {
    if (name === 'Contact') continue;
    message.headers.delete(name);
    ignored(name);
  }
  return counts;
};

const checkValue = ({ name, most, check }: Rule, value: string, count: number): void => {
  if (count > most)
    throw malformed(most === 1 ? 'it is there more than once' : `it has more than ${most} values`, name);
  check(value, name);
};

/** RFC 3261, 19.1.1: a Request-URI has no headers part, which would be ours to put into a request of ours. */
const checkRequestUri = (text: string): void => {
  const uri = parseUri(text, 'Request-URI');
  if ((uri.scheme === 'sip' || uri.scheme === 'sips') && uri.headers.size > 0) {
    throw malformed('it has header fields', 'Request-URI');
  }
};
