/** For how long work waits in a gateway and beyond it, in milliseconds. */
export interface WorkWaits {
  /** What this process is due to do: its timers come so late. */
  readonly process: number;
  /** What peers have sent: for so long the socket was never read empty. */
  readonly socket: number;
  /** The oldest call that is offered and not in the journal yet. */
  readonly journal: number;
  /** What the router was sent first and has not acknowledged: it has not got round to it, or its store has not. */
  readonly router: number;
}

/**
 * How long each may wait before new calls are refused: a caller that is taken then hears a first answer within about a
 * second, with a router on the other side of the world, too.
 */
export const LONGEST_WAITS: WorkWaits = { process: 250, socket: 250, journal: 400, router: 1000 };

/**
 * The same for calls of a trunk that calls so seldom that it is not what there is too much of. What the process and its
 * socket are late for is a flood of others then, of which nothing is kept; a store or a router that is late keeps them
 * out as well, only later.
 */
export const LONGEST_WAITS_OF_QUIET: WorkWaits = {
  process: Number.POSITIVE_INFINITY,
  socket: Number.POSITIVE_INFINITY,
  journal: 4 * LONGEST_WAITS.journal,
  router: 4 * LONGEST_WAITS.router,
};

/** What has too much to do, if anything has. */
export const overloaded = (
  waits: WorkWaits,
  longest: WorkWaits = LONGEST_WAITS,
): keyof WorkWaits | undefined =>
  (Object.keys(longest) as (keyof WorkWaits)[]).find((what) => waits[what] > longest[what]);
