import { hash } from 'node:crypto';

const digest = (source: string, purpose: string): string => hash('sha256', `${source}\n${purpose}`, 'hex');

/**
 * A UUID that is a function of another id and a purpose (RFC 9562, version 8). What follows from an event bears
 * an id derived from it, so that saying it twice is recognised as the same.
 */
export function derivedUuid(source: string, purpose: string): string {
  const hex = digest(source, purpose);
  const variant = ((Number.parseInt(hex[16]!, 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** An identifier such as `LE` and 32 hex digits, as a function of another id and a purpose. */
export const derivedSid = (prefix: string, source: string, purpose: string): string =>
  prefix + digest(source, purpose).slice(0, 32);
