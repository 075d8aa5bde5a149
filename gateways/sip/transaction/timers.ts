/** Round-trip estimate and its companions, in ms (RFC 3261, section 17.1.1.1 and appendix A). */
export interface TimerValues {
  /** Round-trip time estimate; the first retransmission interval. */
  readonly t1: number;
  /** The longest retransmission interval of non-INVITE requests and INVITE responses. */
  readonly t2: number;
  /** How long a message may stay in the network. */
  readonly t4: number;
}

export const standardTimers: TimerValues = { t1: 500, t2: 4000, t4: 5000 };

/** What the 64*T1 timers (B, F, H, J, L, M) wait, in ms. */
export const patience = (timers: TimerValues): number => 64 * timers.t1;

/** The next retransmission interval, doubling up to a limit (timers A, E and G). */
export const backoff = (interval: number, limit = Number.POSITIVE_INFINITY): number =>
  Math.min(interval * 2, limit);
