import { TandemError } from '@tandem/actors/errors';
import type { HeaderField } from '@tandem/proto/generated/events.ts';
import type { Header } from './build-message.ts';
import type { HeaderFields } from './header-fields.ts';
import {
  MAX_EXTENSION_FIELDS,
  MAX_EXTENSION_NAME_CHARACTERS,
  MAX_EXTENSION_VALUE_CHARACTERS,
  MAX_EXTENSIONS_CHARACTERS,
} from './limits.ts';

/** Fields in which platforms of ours talk to each other, over trunks that both of them trust. */
const isReserved = (name: string): boolean => /^x-tandem-/i.test(name);

const isExtension = (name: string): boolean => /^x-/i.test(name);

const byKey = (...names: string[]): ReadonlyMap<string, string> =>
  new Map(names.map((name) => [name.toLowerCase(), name]));

/** Fields of standards that tell an application something, and nobody who calls against their will. */
const TOLD = byKey('User-to-User', 'Diversion', 'History-Info');

/** Fields of standards that an application may say: what it hands to its own other end (RFC 7433), and no identities. */
const SAID = byKey('User-to-User');

/**
 * The fields of a peer's INVITE that its application gets, X- ones and those of standards: the first ones that fit our
 * bounds; longer ones are left out, not cut. Whoever is not trusted cannot say X-Tandem-.
 */
export function extensionsOf(headers: HeaderFields, trusted: boolean): HeaderField[] {
  const kept: HeaderField[] = [];
  let room = MAX_EXTENSIONS_CHARACTERS;
  for (const [name, value] of headers) {
    const standard = TOLD.get(name.toLowerCase());
    if (standard === undefined && (!isExtension(name) || (isReserved(name) && !trusted))) continue;
    if (name.length > MAX_EXTENSION_NAME_CHARACTERS || value.length > MAX_EXTENSION_VALUE_CHARACTERS)
      continue;
    if (name.length + value.length > room || kept.length === MAX_EXTENSION_FIELDS) continue;
    room -= name.length + value.length;
    kept.push({ name: standard ?? name, value });
  }
  return kept;
}

/** Who calls, for a trunk that is trusted. */
export interface Origin {
  readonly region: string;
  readonly gateway: string;
  readonly callSid: string;
  /** Why the leg is called: a document's Dial, or one of a number that the gateway answers itself. */
  readonly action: 'dial' | 'static';
}

/**
 * Fields of an INVITE of ours, X- ones and User-to-User, that its application asked for; it cannot say X-Tandem-.
 *
 * @throws sip.unsafe-header
 */
export function extensionsFor(asked: readonly HeaderField[]): Header[] {
  return asked
    .filter(({ name }) => SAID.has(name.toLowerCase()) || (isExtension(name) && !isReserved(name)))
    .map(({ name, value }): Header => {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
      if (/[\u0000-\u001f\u007f]/.test(value)) throw new TandemError('sip.unsafe-header', { name });
      return [name, value];
    });
}

/** Fields of an INVITE of ours that tell a peer that we trust where it comes from. */
export const originFields = (origin: Origin): Header[] => [
  ['X-Tandem-Region', origin.region],
  ['X-Tandem-Gateway', origin.gateway],
  ['X-Tandem-Call', origin.callSid],
  ['X-Tandem-Action', origin.action],
];
