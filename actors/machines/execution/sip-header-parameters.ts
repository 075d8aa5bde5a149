import type { HeaderField } from '@tandem/proto/generated/events.ts';

/**
 * Header fields of the caller's INVITE as Twilio hands them to applications: `SipHeader_X-Name`. A field that came several
 * times is one with commas, in whatever case its name was written (RFC 3261, section 7.3.1).
 */
export function sipHeaderParameters(fields: readonly HeaderField[]): Record<string, string> {
  const found = new Map<string, HeaderField>();
  for (const { name, value } of fields) {
    const first = found.get(name.toLowerCase());
    found.set(
      name.toLowerCase(),
      first ? { name: first.name, value: `${first.value}, ${value}` } : { name, value },
    );
  }
  return Object.fromEntries([...found.values()].map(({ name, value }) => [`SipHeader_${name}`, value]));
}
