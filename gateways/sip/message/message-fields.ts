import { parseAddress } from './address.ts';
import type { HeaderFields } from './header-fields.ts';
import type { SipMessage } from './message.ts';
import { isMultipart, partsOf, sessionIn } from './multipart.ts';
import { endOfQuoted } from './syntax.ts';
import { parseVia } from './via.ts';

/**
 * What the layers above the transport ask of every message. The transport has checked that these fields are there and
 * well-formed; these readers cut them out without parsing all of the value again.
 */

const parameterOf = (value: string, name: string, from: number): string | undefined => {
  const at = value.indexOf(`;${name}=`, from);
  if (at < 0) return undefined;
  const start = at + name.length + 2;
  let end = start;
  for (; end < value.length; end++) {
    const c = value.charCodeAt(end);
    if (c === 0x3b || c === 0x20 || c === 0x09) break;
  }
  return value.slice(start, end);
};

const tagOf = (value: string | undefined, where: string): string | undefined => {
  if (value === undefined) return undefined;
  const nameEnd = value.startsWith('"') ? endOfQuoted(value, 0) + 1 : 0;
  const semicolon = value.indexOf(';', nameEnd);
  const open = value.indexOf('<', nameEnd);
  const from =
    open >= 0 && (nameEnd > 0 || semicolon < 0 || open < semicolon) ? value.indexOf('>', open) + 1 : 0;
  if (value.indexOf(';', from) < 0) return undefined;
  // A quoted value may look like a tag.
  const plain = value.includes('"', from) ? undefined : parameterOf(value, 'tag', from);
  return plain ?? parseAddress(value, where).parameters.get('tag');
};

export const fromTag = (message: SipMessage): string | undefined =>
  tagOf(message.headers.get('From'), 'From');
export const toTag = (message: SipMessage): string | undefined => tagOf(message.headers.get('To'), 'To');
export const callId = (message: SipMessage): string => message.headers.get('Call-ID')!;

/** The number in CSeq. */
export const sequence = (message: SipMessage): number => Number.parseInt(message.headers.get('CSeq')!, 10);

/** The method in CSeq. */
export const sequenceMethod = (message: SipMessage): string => {
  const value = message.headers.get('CSeq')!;
  for (let i = value.length - 1; i >= 0; i--) {
    const c = value.charCodeAt(i);
    if (c === 0x20 || c === 0x09) return value.slice(i + 1);
  }
  return '';
};

/** The branch of the top Via. */
export const branchOf = (message: SipMessage): string | undefined => {
  const value = message.headers.get('Via')!;
  const plain = value.includes('"') ? undefined : parameterOf(value, 'branch', 0);
  return plain ?? parseVia(value).parameters.get('branch');
};

/** Whether a list of option tags or methods (Supported, Require, Allow) has this one. */
export const lists = (headers: HeaderFields, name: string, tag: string): boolean =>
  headers.all(name).some((value) => value.toLowerCase() === tag.toLowerCase());

/** The SDP of a message, also when it is a part of its body (RFC 5621); undefined when it has none. */
export const sdpOf = (message: SipMessage): string | undefined => {
  if (message.body.length === 0) return undefined;
  const contentType = message.headers.get('Content-Type');
  const type = contentType?.split(';')[0]?.trim().toLowerCase();
  if (type === 'application/sdp') return message.body.toString('utf8');
  if (type === undefined || !isMultipart(type)) return undefined;
  try {
    return sessionIn(type, partsOf(contentType!, message.body));
  } catch {
    // A request with such a body has been refused; a response is read as if it had none.
    return undefined;
  }
};

/** Longest `Expires` (RFC 3261, section 20.19: at most 2**32 - 1 seconds). */
const MAX_EXPIRES = 2 ** 32 - 1;

/** Seconds of `Expires`; undefined when it is not there, or is no number: a call does not need it (section 8.2.2). */
export const expiresOf = (message: SipMessage): number | undefined => {
  const text = message.headers.get('Expires')?.trim();
  if (text === undefined || !/^[0-9]{1,10}$/.test(text)) return undefined;
  return Math.min(Number(text), MAX_EXPIRES);
};
