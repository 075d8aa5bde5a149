import { isTandemError, type TandemError } from '@tandem/actors/errors/tandem-error.ts';
import { parseAddress } from './address.ts';
import { parseCSeq } from './cseq.ts';
import { MAX_LIST_ELEMENTS } from './limits.ts';
import type { SipMessage } from './message.ts';
import { parseParameterized } from './parameters.ts';
import { excerpt, malformed } from './syntax.ts';
import { parseUri } from './uri.ts';
import { BRANCH_COOKIE, parseVia } from './via.ts';

/** RFC 3261, 8.1.1: what every message has; Max-Forwards is not among them, RFC 2543 peers leave it out. */
const EXACTLY_ONCE = ['From', 'To', 'Call-ID', 'CSeq'];
const AT_MOST_ONCE = [
  'Max-Forwards',
  'Content-Type',
  'Expires',
  'Session-Expires',
  'Min-SE',
  'RAck',
  'RSeq',
  'Refer-To',
  'Referred-By',
  'Replaces',
  'Event',
];

/**
 * Checks the header fields that the layers above read without asking whether they are well-formed: they are there as
 * often as they may be, and `parseVia`, `parseAddress` and `parseCSeq` take every value of Via, From, To, Contact
 * (other than `*`), Route, Record-Route, Refer-To, Referred-By, P-Asserted-Identity and CSeq.
 */
export const checkMessage = (message: SipMessage): TandemError<'sip.malformed'> | undefined => {
  try {
    checkCounts(message);
    checkVias(message);
    if (message.kind === 'request') checkRequestUri(message.uri);
    parseCSeq(message.headers.get('CSeq')!);
    checkCallId(message.headers.get('Call-ID')!);
    checkAddresses(message);
    checkMaxForwards(message.headers.get('Max-Forwards'));
    const contentType = message.headers.get('Content-Type');
    if (contentType !== undefined) parseParameterized(contentType, 'Content-Type');
    return undefined;
  } catch (error) {
    if (isTandemError(error, 'sip.malformed')) return error;
    throw error;
  }
};

const checkCounts = ({ headers }: SipMessage): void => {
  for (const name of EXACTLY_ONCE) {
    const count = headers.all(name).length;
    if (count !== 1) throw malformed(count === 0 ? 'it is missing' : 'it is there more than once', name);
  }
  for (const name of AT_MOST_ONCE) {
    if (headers.has(name) && headers.all(name).length > 1)
      throw malformed('it is there more than once', name);
  }
};

const elements = ({ headers }: SipMessage, name: string): string[] => {
  if (!headers.has(name)) return [];
  const values = headers.all(name);
  if (values.length > MAX_LIST_ELEMENTS)
    throw malformed(`it has more than ${MAX_LIST_ELEMENTS} values`, name);
  return values;
};

const checkVias = (message: SipMessage): void => {
  const vias = elements(message, 'Via').map(parseVia);
  const [top] = vias;
  if (top === undefined) throw malformed('it is missing', 'Via');
  // A user agent sends requests with one Via, so an answer with more was meant for somebody else (RFC 3261, 8.1.3.3).
  if (message.kind === 'response' && vias.length > 1)
    throw malformed('a response has more than our own', 'Via');
  if (top.parameters.get('branch')?.toLowerCase() === BRANCH_COOKIE.toLowerCase()) {
    throw malformed('the branch has nothing after its cookie', 'Via');
  }
};

/** RFC 3261, 19.1.1: a Request-URI has no headers part, which would be ours to put into a request of ours. */
const checkRequestUri = (text: string): void => {
  const uri = parseUri(text, 'Request-URI');
  if ((uri.scheme === 'sip' || uri.scheme === 'sips') && uri.headers.size > 0) {
    throw malformed('it has header fields', 'Request-URI');
  }
};

const checkCallId = (value: string): void => {
  if (value === '' || /[ \t]/.test(value)) throw malformed(`${excerpt(value)} is no Call-ID`, 'Call-ID');
};

const ADDRESSES = ['From', 'To', 'Route', 'Record-Route', 'Refer-To', 'Referred-By', 'P-Asserted-Identity'];

const checkAddresses = (message: SipMessage): void => {
  for (const name of ADDRESSES) {
    for (const value of elements(message, name)) parseAddress(value, name);
  }
  for (const value of elements(message, 'Contact')) {
    if (value !== '*') parseAddress(value, 'Contact');
  }
};

const checkMaxForwards = (value: string | undefined): void => {
  if (value === undefined) return;
  if (!/^[0-9]{1,10}$/.test(value) || Number(value) > 255) {
    throw malformed(`${excerpt(value)} is not 0 to 255`, 'Max-Forwards');
  }
};
