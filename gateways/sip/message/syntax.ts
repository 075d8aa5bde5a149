import { TandemError } from '@tandem/actors/errors';

/** RFC 3261, section 25.1: `token`. */
export const TOKEN = /^[A-Za-z0-9\-.!%*_+`'~]+$/;

/** A refusal of the text at hand; `where` names the header field or part of the message. */
export const malformed = (what: string, where: string): TandemError<'sip.malformed'> =>
  new TandemError('sip.malformed', { what, where });

/** The text within a refusal's message: short and without control characters. */
export const excerpt = (text: string): string => {
  const printable = text.replace(/\p{Cc}/gu, '?');
  return JSON.stringify(printable.length > 60 ? `${printable.slice(0, 60)}…` : printable);
};

/** Text without the spaces and tabs around it. Unlike `trim()` it leaves other whitespace, which is text to SIP. */
export const trimSpace = (text: string): string => {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
};

const isSpace = (c: number): boolean => c === 0x20 || c === 0x09;

/** Replaces %-escapes (RFC 3261, 19.1.2) by their characters; text whose escapes are no UTF-8 stays as it is. */
export const unescapeUri = (text: string): string => {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** Text as the user part of a URI (RFC 3261, 25.1), which has no `#`, say; a number keeps its `+`. */
export const escapeUser = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replaceAll('%2B', '+');

/**
 * Where the quoted string ends that opens at `start` (the index of its closing quote), or -1 when it is open
 * until the end of the text (RFC 3261, 25.1: `quoted-string`).
 */
export const endOfQuoted = (text: string, start: number): number => {
  for (let i = start + 1; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x5c) i++;
    else if (c === 0x22) return i;
  }
  return -1;
};

/** The text of a quoted string; any other value stays as it is. */
export const unquote = (value: string): string =>
  value.length >= 2 && value.startsWith('"') && value.endsWith('"')
    ? value.slice(1, -1).replace(/\\(.)/gs, '$1')
    : value;

/** Text as a quoted string, without line breaks and other control characters. */
export const quote = (text: string): string =>
  `"${text.replace(/\p{Cc}+/gu, ' ').replace(/["\\]/g, '\\$&')}"`;

/**
 * Splits at a separator that is neither in a quoted string nor between angle brackets. Whitespace around the parts
 * is dropped; empty parts stay, for the caller to judge.
 */
export const splitOutside = (text: string, separator: ',' | ';'): string[] => {
  if (!text.includes(separator)) return [trimSpace(text)];
  const at = separator.charCodeAt(0);
  const parts: string[] = [];
  let from = 0;
  let bracketed = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x22 && !bracketed) {
      const end = endOfQuoted(text, i);
      if (end === -1) break;
      i = end;
    } else if (c === 0x3c) bracketed = true;
    else if (c === 0x3e) bracketed = false;
    else if (c === at && !bracketed) {
      parts.push(trimSpace(text.slice(from, i)));
      from = i + 1;
    }
  }
  parts.push(trimSpace(text.slice(from)));
  return parts;
};
