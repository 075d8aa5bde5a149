import { isTandemError } from '@tandem/actors/errors';
import type { SipRequest } from '../message/index.ts';
import {
  areServed,
  BRANCH_COOKIE,
  branchOf,
  isMultipart,
  parseCSeq,
  parseUri,
  partsOf,
  toTag,
} from '../message/index.ts';
import { hasUnusableContact } from './dialog.ts';

/** What a user agent can do, for the checks of RFC 3261, 8.2. */
export interface Capabilities {
  /** In upper case. */
  readonly methods: ReadonlySet<string>;
  /** What Allow says, when that is not all methods. */
  readonly allow?: string;
  /** Option tags, in lower case. */
  readonly extensions: ReadonlySet<string>;
  /** Media types of bodies, in lower case. */
  readonly contentTypes: ReadonlySet<string>;
}

/** The answer that a request deserves which cannot be served. */
export interface Refusal {
  readonly status: number;
  readonly phrase: string;
  /** Header fields that tell the peer what would be. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

const refusal = (status: number, phrase: string, ...headers: (readonly [string, string])[]): Refusal => ({
  status,
  phrase,
  headers,
});

/** Methods of the SIP RFCs: known when not served, so that their refusal is 405 and not 501. */
const KNOWN_METHODS = new Set(
  'ACK BYE CANCEL INFO INVITE MESSAGE NOTIFY OPTIONS PRACK PUBLISH REFER REGISTER SUBSCRIBE UPDATE'.split(
    ' ',
  ),
);

/**
 * The inspections that RFC 3261, 8.2.1 to 8.2.3 asks of a server, on a request that `checkMessage` has passed: method,
 * Request-URI, extensions, body. Returns nothing when the request can be served. An ACK is never answered: one that
 * is refused here is dropped.
 */
export const validateRequest = (request: SipRequest, capabilities: Capabilities): Refusal | undefined =>
  checkMethod(request, capabilities) ??
  checkScheme(request) ??
  checkExtensions(request, capabilities) ??
  checkBody(request, capabilities) ??
  checkAccept(request, capabilities) ??
  checkContact(request);

const checkMethod = (
  { method, headers }: SipRequest,
  { methods, allow: said = [...methods].join(', ') }: Capabilities,
): Refusal | undefined => {
  if (!methods.has(method)) {
    const allow = ['Allow', said] as const;
    return KNOWN_METHODS.has(method)
      ? refusal(405, 'Method Not Allowed', allow)
      : refusal(501, 'Not Implemented', allow);
  }
  return parseCSeq(headers.get('CSeq')!).method === method
    ? undefined
    : refusal(400, 'CSeq Method Does Not Match Request Line');
};

const checkScheme = ({ uri }: SipRequest): Refusal | undefined =>
  parseUri(uri, 'Request-URI').scheme === 'other' ? refusal(416, 'Unsupported URI Scheme') : undefined;

const isOfRfc3261 = (request: SipRequest): boolean =>
  branchOf(request)?.toLowerCase().startsWith(BRANCH_COOKIE.toLowerCase()) ?? false;

/**
 * One address at which the peer is reached from now on, before anybody is asked anything (RFC 3261, 8.1.1.8 and
 * 12.1.1). Within a dialog it may be left out: then the target stays (12.2.1.1 says SHOULD). So may a peer of RFC 2543,
 * which has no magic cookie: it is reached at its From.
 */
const checkContact = (request: SipRequest): Refusal | undefined => {
  const { method, headers } = request;
  if (method !== 'INVITE' && method !== 'UPDATE') return undefined;
  const makesDialog = method === 'INVITE' && toTag(request) === undefined;
  const isMissing = makesDialog && !headers.has('Contact') && isOfRfc3261(request);
  return isMissing || hasUnusableContact(request) ? refusal(400, 'Contact Must Be One Address') : undefined;
};

/** ACK and CANCEL carry no Require of their own (8.2.2.3). Proxy-Require is for proxies, which we are not. */
const checkExtensions = (
  { method, headers }: SipRequest,
  { extensions }: Capabilities,
): Refusal | undefined => {
  if (method === 'ACK' || method === 'CANCEL') return undefined;
  const unknown = headers.all('Require').filter((tag) => !extensions.has(tag.toLowerCase()));
  return unknown.length === 0
    ? undefined
    : refusal(420, 'Bad Extension', ['Unsupported', unknown.join(', ')]);
};

/** Methods that end or confirm something, whatever they carry: to refuse one would leave a call that does not die. */
const SERVED_WITH_ANY_BODY = new Set(['ACK', 'BYE', 'CANCEL']);

const checkBody = (
  { method, headers, body }: SipRequest,
  { contentTypes }: Capabilities,
): Refusal | undefined => {
  if (SERVED_WITH_ANY_BODY.has(method)) return undefined;
  if (body.length === 0 || mayBeIgnored(headers.get('Content-Disposition'))) return undefined;
  if (headers.all('Content-Encoding').some((coding) => coding.toLowerCase() !== 'identity')) {
    return refusal(415, 'Unsupported Media Type', ['Accept-Encoding', 'identity']);
  }
  const type = headers.get('Content-Type');
  if (type === undefined) return refusal(400, 'Body Without Content-Type');
  const accept = ['Accept', [...contentTypes, 'multipart/mixed'].join(', ')] as const;
  if (isMultipart(mediaType(type))) return checkParts(type, body, contentTypes, accept);
  return contentTypes.has(mediaType(type)) ? undefined : refusal(415, 'Unsupported Media Type', accept);
};

/** A part that we do not understand and that may not be left alone is as a body that we do not understand (RFC 5621). */
const checkParts = (
  type: string,
  body: Buffer,
  known: ReadonlySet<string>,
  accept: readonly [string, string],
): Refusal | undefined => {
  try {
    const isServed = areServed(mediaType(type), partsOf(type, body), known);
    return isServed ? undefined : refusal(415, 'Unsupported Media Type', accept);
  } catch (error) {
    if (!isTandemError(error, 'sip.malformed')) throw error;
    return refusal(400, 'Malformed Multipart Body');
  }
};

/** RFC 3261, 20.11: a body with `handling=optional` is left alone by who does not understand it. */
const mayBeIgnored = (disposition: string | undefined): boolean =>
  disposition !== undefined && /;[ \t]*handling[ \t]*=[ \t]*optional[ \t]*(?:;|$)/i.test(disposition);

/** The answer to an INVITE has SDP, so a peer that does not accept SDP cannot be answered (RFC 3261, 20.1). */
const checkAccept = (
  { method, headers }: SipRequest,
  { contentTypes }: Capabilities,
): Refusal | undefined => {
  if (method !== 'INVITE' || !headers.has('Accept')) return undefined;
  const accepted = headers.all('Accept').map(mediaType);
  return accepted.some((type) => type === '*/*' || type === 'application/*' || contentTypes.has(type))
    ? undefined
    : refusal(406, 'Not Acceptable');
};

/** `Application/SDP;charset=utf-8` as `application/sdp`; what is no media type matches none. */
const mediaType = (value: string): string => {
  const semicolon = value.indexOf(';');
  return (semicolon === -1 ? value : value.slice(0, semicolon)).replace(/[ \t]+/g, '').toLowerCase();
};
