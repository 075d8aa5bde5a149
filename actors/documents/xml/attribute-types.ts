import { type TLiteral, type TSchema, Type } from '@sinclair/typebox';

// The kinds of values that attributes of verbs have. Each is a TypeBox schema whose `description` says to
// people what is allowed (it ends the sentence "… is not allowed: …"), with these keywords of our own:

export interface AttributeKeywords {
  /** The value is a URL, which is resolved against the document's. */
  readonly reference?: boolean;
  /** The verb means something else without it: a value that is not allowed is an error, not a warning. */
  readonly essential?: boolean;
  /** Values that TwiML knows and this version does not run. */
  readonly notRun?: readonly string[] | 'all';
  /** With `notRun: 'all'`: the values that ask for nothing, and so do no harm. */
  readonly harmless?: readonly string[];
}

/** Text of 1 to `maxLength` characters. */
export const text = (maxLength: number) =>
  Type.String({ minLength: 1, maxLength, description: `text of 1 to ${maxLength} characters is` });

/** Text that matches a pattern, which `description` puts into words. */
export const matching = (
  pattern: RegExp,
  description: string,
  options: { default?: string; essential?: boolean } = {},
) => Type.String({ pattern: pattern.source, description, ...options });

/** A whole number within a range, both ends included. */
export const whole = (minimum: number, maximum: number, options: { default?: number } = {}) =>
  Type.Integer({
    minimum,
    maximum,
    description: `a whole number from ${minimum} to ${maximum} is`,
    ...options,
  });

export const flag = (byDefault: boolean) =>
  Type.Boolean({ description: 'true or false is', default: byDefault });

/** One of a few words, written in any case. */
export const choice = <const W extends string>(
  words: readonly W[],
  options: { default?: W; notRun?: readonly string[] } = {},
) =>
  Type.Union(words.map((word) => Type.Literal(word)) as TLiteral<W>[], {
    description: `${words.join(' or ')} is`,
    ...options,
  });

export const httpMethod = () => choice(['GET', 'POST'], { default: 'POST' });

/** A URL, absolute or relative to the document's, which an empty one is; it comes out absolute. */
export const url = () =>
  Type.String({ reference: true, essential: true, description: 'an http:// or https:// URL is' });

/** A language tag such as en-GB (RFC 5646, without its rarer forms). */
export const language = () =>
  matching(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,4}$/, 'a language tag such as en-GB is');

/** An attribute of TwiML that this version does not run, unless its value asks for nothing. */
export const notRun = (...harmless: string[]) => Type.Optional(Type.Undefined({ notRun: 'all', harmless }));

/** An attribute that only says more about something which this version refuses, so that alone it does nothing. */
export const ignored = () => Type.Optional(Type.String({ description: 'anything is' }));

/** The same kind under several attribute names. */
export const under = <const N extends string, S extends TSchema>(names: readonly N[], kind: () => S) =>
  Object.fromEntries(names.map((name) => [name, kind()])) as Record<N, S>;
