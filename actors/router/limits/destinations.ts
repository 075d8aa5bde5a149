/**
 * Number ranges that fraud is made with and that hardly anybody calls: maritime and satellite networks, international
 * networks, shared-cost and premium services (ITU-T list of assigned country codes, E.164 supplement), and premium rate
 * numbers of the North American plan.
 */
export const CLOSED_BY_DEFAULT: readonly string[] = [
  '+870',
  '+878',
  '+881',
  '+882',
  '+883',
  '+888',
  '+979',
  '+1900',
  '+1976',
];

export interface Destinations {
  /** Beginnings of numbers that may be called; all when absent. */
  readonly allow?: readonly string[];
  /** Beginnings of numbers that may not be called. The longer of two that fit decides; of the same, this one. */
  readonly deny?: readonly string[];
}

/** Why a number may not be called: the prefix that closes it, or an empty text when no prefix opens it. */
export type ClosedBy = string;

/**
 * The ways in which a number may be understood by a carrier: as it is, or in full where it has an international
 * prefix (00 in most countries, 011 in North America).
 */
function readings(number: string): string[] {
  const full = /^(?:00|011)([1-9]\d+)$/.exec(number);
  return full ? [number, `+${full[1]}`] : [number];
}

/**
 * The number in the user part of a SIP URI, as a carrier might read it; undefined when it is a name. What has seven
 * digits or no letter counts as a number, however it is written: a gateway behind the URI may take the rest away.
 */
export function numberInUri(uri: string): string | undefined {
  const user = /^sips?:([^@]*)@/i.exec(uri)?.[1];
  if (user === undefined) return undefined;
  // The user part may carry parameters and a password (RFC 3261, 19.1.1; RFC 3966), which are not the number.
  const [name = ''] = unescaped(user).split(/[;:]/);
  const digits = name.replace(/\D/g, '');
  if (digits === '' || (/[A-Za-z]/.test(name) && digits.length < 7)) return undefined;
  return name.trim().startsWith('+') ? `+${digits}` : digits;
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Why a number may not be called, undefined when it may; the longest prefix that fits decides. */
export function closedBy(number: string, { allow, deny = [] }: Destinations): ClosedBy | undefined {
  const fit = (prefixes: readonly string[]): string | undefined =>
    prefixes
      .filter((prefix) => readings(number).some((one) => one.startsWith(prefix)))
      .sort((one, other) => other.length - one.length)[0];
  const opened = allow === undefined ? '' : fit(allow);
  // Who lists a range of our own list has it open.
  const usual = CLOSED_BY_DEFAULT.filter((prefix) => !allow?.includes(prefix));
  const closed = fit([...usual, ...deny]);
  if (closed !== undefined && closed.length >= (opened?.length ?? 0)) return closed;
  return opened === undefined ? '' : undefined;
}
