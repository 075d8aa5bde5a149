import { ANONYMOUS } from '../machines/transition/index.ts';
import { isSealed } from '../secrets/index.ts';

/**
 * Names of fields whose values open what was said, or say who withholds their name, or what an application had us
 * keep for it: they are stored to be used, and
 * shown to nobody.
 */
const KEYS: ReadonlySet<string> = new Set(['srtpKey', 'withheld', 'session']);

/** Fields of a dialog that say who its peer is. */
const NAMES_OF_A_PEER: ReadonlySet<string> = new Set(['remoteUri', 'remoteTarget']);

const NONE: ReadonlySet<string> = new Set();

export const HIDDEN = '[secret]';

export const isKey = (field: string): boolean => KEYS.has(field);

/** What is to be hidden besides, of a leg whose machine has this context: its dialog must say who an anonymous caller is. */
export function namesToHide(context: {
  readonly direction?: unknown;
  readonly from?: unknown;
}): ReadonlySet<string> {
  return context.direction === 'inbound' && context.from === ANONYMOUS ? NAMES_OF_A_PEER : NONE;
}

/** A copy of JSON data without the keys of encrypted media, without what is sealed, and without who withholds their name. */
export function hideKeys<T>(data: T, besides: ReadonlySet<string> = NONE): T {
  if (typeof data === 'string' && isSealed(data)) return HIDDEN as T;
  if (typeof data !== 'object' || data === null) return data;
  if (Array.isArray(data)) return data.map((one) => hideKeys(one, besides)) as T;
  return Object.fromEntries(
    Object.entries(data).map(([field, value]) => [
      field,
      value !== undefined && (isKey(field) || besides.has(field)) ? HIDDEN : hideKeys(value, besides),
    ]),
  ) as T;
}
