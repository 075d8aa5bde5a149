import { patience, type TimerValues } from './timers.ts';
import type { ClientState, ServerState } from './transaction-machines.ts';

/** The timers that run in a state, in ms. */
export interface StateTimers {
  /** Timers A, E and G: the first retransmission interval. */
  readonly repeat?: number;
  /** How far the interval may double. */
  readonly repeatLimit?: number;
  /** Timers B, D, F, H, I, J, K, L and M: how long the state lasts at most; 0 ends it at once. */
  readonly limit?: number;
  /** The limit of the state before goes on (timer F in Proceeding). */
  readonly keepsLimit?: true;
}

const none: StateTimers = {};

/** RFC 3261, table 4, for a client transaction that enters a state. */
export const clientTimers = (
  invite: boolean,
  state: ClientState,
  reliable: boolean,
  t: TimerValues,
): StateTimers => {
  const repeatLimit = invite ? Number.POSITIVE_INFINITY : t.t2;
  switch (state) {
    case 'trying':
      return reliable ? { limit: patience(t) } : { repeat: t.t1, repeatLimit, limit: patience(t) };
    case 'proceeding':
      if (invite) return none;
      return reliable ? { keepsLimit: true } : { repeat: t.t2, repeatLimit, keepsLimit: true };
    case 'completed':
      // Timer D is "at least 32 seconds", which 64*T1 is by the default T1.
      return { limit: reliable ? 0 : invite ? patience(t) : t.t4 };
    case 'accepted':
      return { limit: patience(t) };
    default:
      return none;
  }
};

/** RFC 3261, table 4, for a server transaction that enters a state. */
export const serverTimers = (
  invite: boolean,
  state: ServerState,
  reliable: boolean,
  t: TimerValues,
): StateTimers => {
  switch (state) {
    case 'completed':
      if (!invite) return { limit: reliable ? 0 : patience(t) };
      return reliable ? { limit: patience(t) } : { repeat: t.t1, repeatLimit: t.t2, limit: patience(t) };
    case 'confirmed':
      return { limit: reliable ? 0 : t.t4 };
    case 'accepted':
      return { limit: patience(t) };
    default:
      return none;
  }
};
