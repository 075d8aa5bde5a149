const DAY = 86_400_000;

/** A time (milliseconds since the Unix epoch) as Twilio writes it: RFC 2822, in UTC. */
export const rfc2822 = (time: number): string => new Date(time).toUTCString().replace('GMT', '+0000');

/** What a date in a query covers: a whole day, or one second. Ends are not included; milliseconds. */
export interface Span {
  readonly from: number;
  readonly before: number;
}

/** A day (`2026-11-23`) or a second (`2026-11-23T05:33:30Z`), both UTC. */
export const DATE_PATTERN = '^\\d{4}-\\d{2}-\\d{2}(?:T\\d{2}:\\d{2}:\\d{2}(?:\\.\\d{1,3})?Z)?$';

/** Reads a day or a second; nothing when there is no such date. */
export function readSpan(text: string): Span | undefined {
  const from = Date.parse(text);
  // Date.parse makes 30 February the 2nd of March.
  if (Number.isNaN(from) || !new Date(from).toISOString().startsWith(text.slice(0, 10))) return undefined;
  return { from, before: from + (text.length === 10 ? DAY : 1000) };
}
