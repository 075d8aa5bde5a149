/** What adds to the time from mouth to ear, in milliseconds. */

/** At both ends together: one frame to fill, and the playout buffer's least. */
export const ENDPOINT_DELAY = 60;
/** From one gateway to another: encrypted, sent, received, decrypted. */
export const PIPE_DELAY = 1;
/** Round trip between regions of which nothing is known. */
export const UNKNOWN_RTT = 100;

const SERVICE_DELAYS: Readonly<Record<string, number>> = {
  // A frame has to be there before it is coded again.
  transcoding: 25,
  conference: 30,
};

/** How long media takes through a service. */
export const serviceDelay = (service: string): number => SERVICE_DELAYS[service] ?? 0;

/** One direction of a way; a playout buffer grows by about twice the jitter. */
export const wayDelay = (rtt: number, jitter: number): number => rtt / 2 + 2 * jitter;

/** At this share of its capacity something is nearly full: it gets new calls only when nothing else is left. */
export const NEARLY_FULL = 0.9;
const UNHURT = 0.5;
const FULL_PENALTY = 40;

/**
 * How many milliseconds farther something seems because of its load: nothing up to half of its capacity, then more
 * and more, so that load spreads before it hurts.
 */
export function loadPenalty(load: number, capacity: number): number {
  const over = (load / Math.max(capacity, 1) - UNHURT) / (1 - UNHURT);
  return over <= 0 ? 0 : FULL_PENALTY * Math.min(over, 1) ** 2;
}
