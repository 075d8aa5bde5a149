const SECRET_KEYS = new Set([
  'authtoken',
  'password',
  'srtpkey',
  'passwd',
  'secret',
  'token',
  'authorization',
  'proxy-authorization',
  'cookie',
  'x-twilio-signature',
]);
const DEEPEST = 8;

/**
 * A copy of a log line's fields with the values of secret keys (in any case) replaced, to a depth of 8.
 * What is deeper is left out, so that a cycle ends.
 */
export function redact(fields: Record<string, unknown>): Record<string, unknown> {
  return redactFields(fields, DEEPEST);
}

const redactFields = (fields: object, depth: number): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      SECRET_KEYS.has(key.toLowerCase()) && value !== undefined ? '[secret]' : redactValue(value, depth - 1),
    ]),
  );

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null || value instanceof Error || value instanceof Date)
    return value;
  if (value instanceof Uint8Array) return `${value.byteLength} bytes`;
  if (depth === 0) return '[too deep]';
  if (Array.isArray(value)) return value.map((one) => redactValue(one, depth - 1));
  if (value instanceof Map) return redactFields(Object.fromEntries(value), depth);
  if (value instanceof Set) return [...value].map((one) => redactValue(one, depth - 1));
  return redactFields(value, depth);
}
