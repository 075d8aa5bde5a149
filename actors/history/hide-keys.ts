/** Names of fields whose values open what was said: they are stored to be used, and shown to nobody. */
const KEYS: ReadonlySet<string> = new Set(['srtpKey']);

export const HIDDEN = '[secret]';

export const isKey = (field: string): boolean => KEYS.has(field);

/** A copy of JSON data without the keys of encrypted media. */
export function hideKeys<T>(data: T): T {
  if (typeof data !== 'object' || data === null) return data;
  if (Array.isArray(data)) return data.map(hideKeys) as T;
  return Object.fromEntries(
    Object.entries(data).map(([field, value]) => [field, isKey(field) ? HIDDEN : hideKeys(value)]),
  ) as T;
}
