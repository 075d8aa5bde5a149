/** Milliseconds between reports on average, of which the first comes after half (RFC 3550, section 6.2). */
const MINIMUM = 5000;
/** Makes up for timers that are drawn at random and set anew: e - 3/2 (RFC 3550, section 6.3.1). */
const COMPENSATION = Math.E - 1.5;

/**
 * Milliseconds until the next report: a stream between two needs far less than its share of bandwidth, so that only
 * the minimum counts.
 *
 * @param random a number from 0 up to 1
 */
export const rtcpInterval = (isFirst: boolean, random: number): number =>
  ((isFirst ? MINIMUM / 2 : MINIMUM) * (0.5 + random)) / COMPENSATION;
