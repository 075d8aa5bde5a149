import { splitOutside } from '../message/index.ts';

/** Digest parameters of one header value; names in lower case. */
export type DigestParameters = ReadonlyMap<string, string>;

const maxLength = 4096;
const maxParameters = 32;
const isSpace = (c: string | undefined): boolean => c === ' ' || c === '\t' || c === '\r' || c === '\n';

/**
 * Parses `Digest name=value, name="value"` (RFC 7616, section 3.3, by the grammar of RFC 3261).
 * Undefined when it is not Digest or is not well-formed.
 */
export const parseDigest = (value: string): DigestParameters | undefined => {
  if (value.length > maxLength || !/^\s*digest\s/i.test(value)) return undefined;
  const parameters = new Map<string, string>();
  let at = value.toLowerCase().indexOf('digest') + 'digest'.length;
  for (;;) {
    while (isSpace(value[at]) || value[at] === ',') at++;
    if (at >= value.length) break;
    const equals = value.indexOf('=', at);
    if (equals < 0 || parameters.size >= maxParameters) return undefined;
    const name = value.slice(at, equals).trim().toLowerCase();
    at = equals + 1;
    while (isSpace(value[at])) at++;
    let text = '';
    if (value[at] === '"') {
      for (at++; value[at] !== '"'; at++) {
        if (value[at] === '\\') at++;
        if (at >= value.length) return undefined;
        text += value[at];
      }
      at++;
    } else {
      let end = value.indexOf(',', at);
      if (end < 0) end = value.length;
      text = value.slice(at, end).trim();
      at = end;
    }
    if (name === '' || parameters.has(name)) return undefined;
    parameters.set(name, text);
  }
  return parameters;
};

/** Where a challenge begins: the token of a scheme, with no `=` behind it. */
const SCHEME = /^[^\s=,"]+(?:[ \t]+[^\s=,]|[ \t]*$)/;

/**
 * The challenges of one header value, which may be several with commas between them (RFC 7235, section 4.1), each with
 * parameters that have commas between them, too.
 */
export const splitChallenges = (value: string): readonly string[] => {
  if (value.length > maxLength) return [];
  const found: string[] = [];
  for (const part of splitOutside(value, ',')) {
    if (SCHEME.test(part) || found.length === 0) found.push(part);
    else found[found.length - 1] += `,${part}`;
  }
  return found;
};

/** Text as a quoted-string (RFC 3261, section 25.1). */
export const quoted = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&')}"`;
