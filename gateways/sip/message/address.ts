import { formatParameters, type Parameters, parseParameters } from './parameters.ts';
import { endOfQuoted, excerpt, malformed, quote, trimSpace, unquote } from './syntax.ts';
import { parseUri } from './uri.ts';

/** A value of From, To, Contact, Route, Record-Route, Refer-To and the like (RFC 3261, 20.10). */
export interface Address {
  /** Without quotes. */
  readonly displayName?: string;
  /** As written; `parseUri` takes it apart. */
  readonly uri: string;
  /** Parameters of the header field, such as `tag`; those of the URI are in the URI. */
  readonly parameters: Parameters;
}

/**
 * Parses a `name-addr` or `addr-spec` with its parameters. Display names without quotes may hold more than tokens,
 * because peers send names such as `José (Sales)`, but nothing that would make the value mean something else.
 * @param where the header field's name, for the refusal
 * @throws sip.malformed
 */
export const parseAddress = (value: string, where: string): Address => {
  const text = trimSpace(value);
  const quoteEnd = text.startsWith('"') ? endOfQuoted(text, 0) : -1;
  if (text.startsWith('"') && quoteEnd === -1) throw malformed('a quoted string is not closed', where);
  const open = text.indexOf('<', quoteEnd + 1);
  if (open === -1 || (quoteEnd === -1 && isBare(text, open))) return parseBare(text, where);
  const close = text.indexOf('>', open);
  if (close === -1) throw malformed('an angle bracket is not closed', where);
  const quoted = text.slice(0, quoteEnd + 1);
  const unquoted = trimSpace(text.slice(quoteEnd + 1, open));
  if (quoted === '' ? /[",;>]/.test(unquoted) : unquoted !== '') {
    throw malformed(`the display name ${excerpt(text.slice(0, open))} must be in quotes as a whole`, where);
  }
  const uri = text.slice(open + 1, close);
  parseUri(uri, where);
  const displayName = quoted === '' ? unquoted : unquote(quoted);
  return {
    displayName: displayName === '' ? undefined : displayName,
    uri,
    parameters: parseParameters(text.slice(close + 1), where),
  };
};

/** Whether the first angle bracket is that of a parameter's value, as in `sip:a@b;+sip.instance="<urn:uuid:1>"`. */
const isBare = (text: string, open: number): boolean => {
  const semicolon = text.indexOf(';');
  return semicolon !== -1 && semicolon < open;
};

/** Without angle brackets nobody can tell whether what follows `;`, `?` or `,` belongs to the URI (20.10). */
const parseBare = (text: string, where: string): Address => {
  const semicolon = text.indexOf(';');
  const uri = semicolon === -1 ? text : trimSpace(text.slice(0, semicolon));
  if (/[?,]/.test(uri)) throw malformed(`${excerpt(uri)} must be in angle brackets`, where);
  parseUri(uri, where);
  return { uri, parameters: parseParameters(semicolon === -1 ? '' : text.slice(semicolon), where) };
};

/** An address as header fields write it: its display name in quotes, its URI in angle brackets. */
export const formatAddress = (address: Address): string => {
  const name = address.displayName === undefined ? '' : `${quote(address.displayName)} `;
  return `${name}<${address.uri}>${formatParameters(address.parameters)}`;
};
