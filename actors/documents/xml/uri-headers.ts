import type { HeaderField } from '@tandem/proto/generated/events.ts';

/** Characters of all headers of a URI together, as with Twilio. */
const MAX_CHARACTERS = 1024;

const MAX_FIELDS = 32;

/** X- and letters of a token (RFC 3261, section 25.1), or what users hand to users (RFC 7433). */
const NAME = /^(?:x-[\w\-.!*+`'~]{1,62}|user-to-user)$/i;

/** Our own gateways say with these who they are, to peers that believe it. */
const RESERVED = /^x-tandem-/i;

/** hname and hvalue of RFC 3261, section 25.1. */
const VALUE = /^(?:[\w\-.!~*'()[\]/?:+$]|%[0-9A-Fa-f]{2})*$/;

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
const CONTROL = /[\u0000-\u001f\u007f]/;

/** Cuts `sip:anna@example.com?x-a=1&x-b=2` where its headers begin; a question mark in the user part is part of it. */
export function splitUri(uri: string): { readonly address: string; readonly headers?: string } {
  const question = uri.indexOf('?', uri.indexOf('@') + 1);
  return question === -1
    ? { address: uri }
    : { address: uri.slice(0, question), headers: uri.slice(question + 1) };
}

/** The header fields that a SIP URI asks for (RFC 3261, section 19.1.1), or what is wrong with them. */
export function readUriHeaders(text: string): HeaderField[] | string {
  if (text.length >= MAX_CHARACTERS)
    return `has ${text.length} characters of headers after the ? of its URI, and takes fewer than ${MAX_CHARACTERS}`;
  const parts = text.split('&');
  if (parts.length > MAX_FIELDS)
    return `has ${parts.length} headers after the ? of its URI, and takes at most ${MAX_FIELDS}`;
  const fields: HeaderField[] = [];
  for (const part of parts) {
    const equals = part.indexOf('=');
    const name = part.slice(0, Math.max(equals, 0));
    if (!NAME.test(name) || RESERVED.test(name))
      return 'has a header after the ? of its URI whose name is none such as x-customer=42; they are User-to-User or begin with x-, and x-tandem- is not for applications';
    const value = VALUE.test(part.slice(equals + 1)) ? decoded(part.slice(equals + 1)) : undefined;
    if (value === undefined || CONTROL.test(value))
      return `has a value for the header ${name} after the ? of its URI that is no text in UTF-8 with %-escapes`;
    fields.push({ name, value });
  }
  return fields;
}

const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
};
