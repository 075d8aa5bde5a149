import { MAX_PARAMETERS } from './limits.ts';
import { endOfQuoted, excerpt, malformed, splitOutside, TOKEN, trimSpace } from './syntax.ts';

/**
 * Parameters of a header value, by lower-case name. A value is as the message writes it (`unquote` takes quotes off);
 * `undefined` means that the parameter has no value, such as `lr`.
 */
export type Parameters = Map<string, string | undefined>;

/**
 * What a parameter may have for a value without quotes: token, host or IPv6 reference by the grammar (RFC 3261, 25.1),
 * and whatever else peers write that ends nothing. What we need not understand is none of our business.
 */
const UNQUOTED_VALUE = /^[^\s<>"\p{Cc}]+$/u;

/** Parameters on which it depends whose a message is: there is one of each. Of others the first counts. */
const SINGLE: ReadonlySet<string> = new Set(['tag', 'branch', 'received', 'rport']);

/**
 * Parses `;name=value;name` (RFC 3261, 25.1: `generic-param`); the text is empty or starts with a semicolon.
 * @param where the header field's name, for the refusal
 * @throws sip.malformed
 */
export const parseParameters = (text: string, where: string): Parameters => {
  const parameters: Parameters = new Map();
  const rest = trimSpace(text);
  if (rest === '') return parameters;
  if (!rest.startsWith(';'))
    throw malformed(`${excerpt(rest)} is there where a parameter was expected`, where);
  const parts = splitOutside(rest.slice(1), ';');
  if (parts.length > MAX_PARAMETERS) throw malformed(`it has more than ${MAX_PARAMETERS} parameters`, where);
  for (const part of parts) {
    const equals = part.indexOf('=');
    const name = equals === -1 ? part : trimSpace(part.slice(0, equals));
    if (!TOKEN.test(name)) throw malformed(`${excerpt(part)} is no parameter`, where);
    const key = name.toLowerCase();
    if (parameters.has(key)) {
      if (SINGLE.has(key)) throw malformed(`the parameter ${name} is there twice`, where);
      continue;
    }
    parameters.set(
      key,
      equals === -1 ? undefined : parameterValue(trimSpace(part.slice(equals + 1)), name, where),
    );
  }
  return parameters;
};

const parameterValue = (value: string, name: string, where: string): string => {
  const wellFormed = value.startsWith('"')
    ? endOfQuoted(value, 0) === value.length - 1
    : UNQUOTED_VALUE.test(value);
  if (!wellFormed) throw malformed(`the parameter ${name} has the value ${excerpt(value)}`, where);
  return value;
};

/** `;name=value` for each parameter, in order. */
export const formatParameters = (parameters: Parameters): string => {
  let text = '';
  for (const [name, value] of parameters) text += value === undefined ? `;${name}` : `;${name}=${value}`;
  return text;
};

/** A value such as `1800;refresher=uas` or `Q.850;cause=16;text="Normal call clearing"`. */
export interface ParameterizedValue {
  readonly value: string;
  readonly parameters: Parameters;
}

/**
 * Parses a value with parameters: Session-Expires, Reason, Event, Content-Type, Content-Disposition, Retry-After.
 * @throws sip.malformed
 */
export const parseParameterized = (text: string, where: string): ParameterizedValue => {
  const semicolon = text.indexOf(';');
  const value = trimSpace(semicolon === -1 ? text : text.slice(0, semicolon));
  if (value === '') throw malformed('it has no value', where);
  return { value, parameters: semicolon === -1 ? new Map() : parseParameters(text.slice(semicolon), where) };
};
