/** Seconds from NTP's epoch (1900) to Unix' (1970). */
const EPOCHS_APART = 2_208_988_800;

/** NTP's 64-bit time stamp of a wall clock in milliseconds since 1970 (RFC 3550, section 4). */
export const ntpTime = (wallClock: number): { readonly seconds: number; readonly fraction: number } => {
  const seconds = Math.floor(wallClock / 1000);
  const fraction = Math.floor((wallClock / 1000 - seconds) * 2 ** 32);
  return { seconds: (seconds + EPOCHS_APART) >>> 0, fraction: fraction >>> 0 };
};

/** The middle 32 bits, which reports refer to: in 1/65536 s. */
export const ntpMiddle = (seconds: number, fraction: number): number =>
  (((seconds & 0xffff) << 16) | (fraction >>> 16)) >>> 0;

/**
 * Round trip in milliseconds from a report block about us (RFC 3550, section 6.4.1).
 *
 * @returns undefined when the peer has not had a report of ours, or its answer makes no sense
 */
export const roundTrip = (
  nowMiddle: number,
  lastReport: number,
  delaySinceLastReport: number,
): number | undefined => {
  if (lastReport === 0) return undefined;
  const units = (nowMiddle - lastReport - delaySinceLastReport) | 0;
  // A peer that rounds its delay up may come out just below zero.
  if (units < -655 || units > 60 * 65536) return undefined;
  return Math.max(0, (units * 1000) / 65536);
};
