import { isIPv6 } from 'node:net';
import { MAX_PARAMETERS, MAX_URI_CHARACTERS } from './limits.ts';
import { excerpt, malformed } from './syntax.ts';

/** A `sip:` or `sips:` URI (RFC 3261, 19.1). Texts are as written; `unescapeUri` replaces %-escapes. */
export interface SipUri {
  readonly scheme: 'sip' | 'sips';
  readonly user?: string;
  readonly password?: string;
  /** Name, IPv4 address, or IPv6 address without its brackets. */
  readonly host: string;
  readonly port?: number;
  /** By lower-case name. */
  readonly parameters: ReadonlyMap<string, string | undefined>;
  /** What stands after `?`, by name as written. */
  readonly headers: ReadonlyMap<string, string>;
}

/** A `tel:` URI (RFC 3966). */
export interface TelUri {
  readonly scheme: 'tel';
  /** Without visual separators: digits, `*`, `#`, letters A to F, a leading `+` when it is a global number. */
  readonly number: string;
  readonly parameters: ReadonlyMap<string, string | undefined>;
}

/** A URI of a scheme that is none of ours. */
export interface OtherUri {
  readonly scheme: 'other';
  readonly text: string;
}

export type Uri = SipUri | TelUri | OtherUri;

/** `user` of RFC 3261, 25.1, and `#`, which many peers do not escape. */
const USER = /^(?:[A-Za-z0-9\-_.!~*'()&=+$,;?/#]|%[0-9A-Fa-f]{2})+$/;
const PASSWORD = /^(?:[A-Za-z0-9\-_.!~*'()&=+$,]|%[0-9A-Fa-f]{2})*$/;
/**
 * Parameters are handed back as they are (RFC 3261, 12.2.1.1), so what the grammar has no room for, such as `=` in a
 * value, quotes or `|`, is only the sender's concern; what would end the URI or its line is not in one.
 */
const PARAMETER = /^[^\s<>;?\p{Cc}]+$/u;
const HEADER = /^(?:[A-Za-z0-9\-_.!~*'()[\]/?:+$]|%[0-9A-Fa-f]{2})*$/;
/** Parameters that say where a request goes: with two of them nobody could tell. Of others the first counts. */
const LEADING: ReadonlySet<string> = new Set(['transport', 'maddr']);
/** Names with an underscore are not in the grammar, but container networks give them. */
const HOST_NAME = /^[A-Za-z0-9_](?:[A-Za-z0-9\-_.]*[A-Za-z0-9_])?\.?$/;
const SCHEME = /^[A-Za-z][A-Za-z0-9+\-.]*$/;
/** Printable ASCII but for quotes, angle brackets and the like (RFC 3986, section 2). */
const OPAQUE = /^[!#-;=?-Z[\]_a-z~%$@:]+$/;
/** Brackets stand around IPv6 addresses and nothing else. */
const HOST_PORT = /^(?:\[([^\]]*)\]|([^[\]:]*))(?::([0-9]{1,5}))?$/;

/**
 * Parses any URI that SIP may carry.
 * @param where the header field's name, for the refusal
 * @throws sip.malformed
 */
export const parseUri = (text: string, where: string): Uri => {
  if (text.length > MAX_URI_CHARACTERS) {
    throw malformed(`a URI has ${text.length} characters, more than ${MAX_URI_CHARACTERS}`, where);
  }
  const colon = text.indexOf(':');
  const scheme = text.slice(0, Math.max(colon, 0));
  if (!SCHEME.test(scheme)) throw malformed(`${excerpt(text)} is no URI`, where);
  const rest = text.slice(colon + 1);
  switch (scheme.toLowerCase()) {
    case 'sip':
      return parseSip('sip', rest, where);
    case 'sips':
      return parseSip('sips', rest, where);
    case 'tel':
      return parseTel(rest, where);
    default:
      if (!OPAQUE.test(rest)) throw malformed(`${excerpt(text)} is no URI`, where);
      return { scheme: 'other', text };
  }
};

const parseSip = (scheme: SipUri['scheme'], rest: string, where: string): SipUri => {
  // The user part may hold ; and ? but no @, so the only @ of a valid URI ends it.
  const at = rest.indexOf('@');
  const { user, password } = at === -1 ? {} : parseUserInfo(rest.slice(0, at), where);
  const target = rest.slice(at + 1);
  const question = target.indexOf('?');
  const headers = question === -1 ? new Map() : parseUriHeaders(target.slice(question + 1), where);
  const beforeHeaders = question === -1 ? target : target.slice(0, question);
  const semicolon = beforeHeaders.indexOf(';');
  const parameters =
    semicolon === -1 ? new Map() : parseUriParameters(beforeHeaders.slice(semicolon + 1), where);
  const { host, port } = parseHostPort(
    semicolon === -1 ? beforeHeaders : beforeHeaders.slice(0, semicolon),
    where,
  );
  return { scheme, user, password, host, port, parameters, headers };
};

const parseUserInfo = (text: string, where: string): { user: string; password?: string } => {
  const colon = text.indexOf(':');
  const user = colon === -1 ? text : text.slice(0, colon);
  const password = colon === -1 ? undefined : text.slice(colon + 1);
  if (!USER.test(user)) throw malformed(`${excerpt(user)} is no user part of a URI`, where);
  if (password !== undefined && !PASSWORD.test(password)) {
    throw malformed('the password of a URI has characters that must be escaped', where);
  }
  return { user, password };
};

/**
 * Parses `host[:port]`; an IPv6 address stands in brackets and comes back without them.
 * @throws sip.malformed
 */
export const parseHostPort = (text: string, where: string): { host: string; port?: number } => {
  const match = HOST_PORT.exec(text);
  const address = match?.[1];
  const name = match?.[2] ?? '';
  if (address === undefined ? !HOST_NAME.test(name) : !isIPv6(address)) {
    throw malformed(`${excerpt(text)} is no host`, where);
  }
  const port = match?.[3] === undefined ? undefined : Number(match[3]);
  if (port !== undefined && port > 65_535) throw malformed(`${excerpt(text)} has no valid port`, where);
  return { host: address ?? name, port };
};

const parseUriParameters = (text: string, where: string): Map<string, string | undefined> => {
  const parameters = new Map<string, string | undefined>();
  const parts = text.split(';', MAX_PARAMETERS + 1);
  if (parts.length > MAX_PARAMETERS)
    throw malformed(`a URI has more than ${MAX_PARAMETERS} parameters`, where);
  for (const part of parts) {
    const equals = part.indexOf('=');
    const name = equals === -1 ? part : part.slice(0, equals);
    const value = equals === -1 ? undefined : part.slice(equals + 1);
    if (!PARAMETER.test(name) || (value !== undefined && value !== '' && !PARAMETER.test(value))) {
      throw malformed(`${excerpt(part)} is no parameter of a URI`, where);
    }
    const key = name.toLowerCase();
    if (!parameters.has(key)) parameters.set(key, value);
    else if (LEADING.has(key)) throw malformed(`a URI has the parameter ${key} twice`, where);
  }
  return parameters;
};

const parseUriHeaders = (text: string, where: string): Map<string, string> => {
  const headers = new Map<string, string>();
  const parts = text.split('&', MAX_PARAMETERS + 1);
  if (parts.length > MAX_PARAMETERS) throw malformed(`a URI has more than ${MAX_PARAMETERS} headers`, where);
  for (const part of parts) {
    const equals = part.indexOf('=');
    const name = part.slice(0, Math.max(equals, 0));
    const value = part.slice(equals + 1);
    if (name === '' || !HEADER.test(name) || !HEADER.test(value)) {
      throw malformed(`${excerpt(part)} is no header of a URI`, where);
    }
    headers.set(name, value);
  }
  return headers;
};

const parseTel = (rest: string, where: string): TelUri => {
  const [subscriber = '', ...parts] = rest.split(';', MAX_PARAMETERS + 1);
  const number = subscriber.replace(/[-.()]/g, '');
  if (!/^(?:\+[0-9]+|[0-9A-Fa-f*#]+)$/.test(number))
    throw malformed(`${excerpt(rest)} is no telephone number`, where);
  return {
    scheme: 'tel',
    number,
    parameters: parts.length === 0 ? new Map() : parseUriParameters(parts.join(';'), where),
  };
};

/** A host as URIs and Via write it: IPv6 addresses in brackets. */
export const formatHost = (host: string): string => (isIPv6(host) ? `[${host}]` : host);

/** The text of a URI. */
export const formatUri = (uri: Uri): string => {
  if (uri.scheme === 'other') return uri.text;
  let parameters = '';
  for (const [name, value] of uri.parameters)
    parameters += value === undefined ? `;${name}` : `;${name}=${value}`;
  if (uri.scheme === 'tel') return `tel:${uri.number}${parameters}`;
  const password = uri.password === undefined ? '' : `:${uri.password}`;
  const user = uri.user === undefined ? '' : `${uri.user}${password}@`;
  const port = uri.port === undefined ? '' : `:${uri.port}`;
  const headers = [...uri.headers].map(([name, value]) => `${name}=${value}`).join('&');
  return `${uri.scheme}:${user}${formatHost(uri.host)}${port}${parameters}${headers === '' ? '' : `?${headers}`}`;
};
