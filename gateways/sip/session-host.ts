import type { AuthorizerHost } from './authorizer.ts';
import type { Clock } from './clock.ts';
import type { Flow } from './flow.ts';
import type { InviteSession } from './invite-session.ts';
import type { SessionTimerPolicy } from './session-timer.ts';
import type { TimerValues } from './timers.ts';
import type { TransactionLayer } from './transaction-layer.ts';

/** What a session needs of the user agent that it lives in. */
export interface SessionHost extends AuthorizerHost {
  readonly clock: Clock;
  readonly timers: TimerValues;
  readonly sessionTimer: SessionTimerPolicy;
  readonly transactions: TransactionLayer;
  /** A random number from 0 to below 1, for back-off. */
  random(): number;
  /** Where a flow leads has failed: others are tried before it for a while. */
  failed(flow: Flow): void;
  /** The flow over TCP to where one over UDP leads; none when we have no TCP, or it failed there lately. */
  overTcp(flow: Flow): Flow | undefined;
  /** Something is sent on a flow in the dialog with this local tag: who is there is to be heard of it. */
  expect(localTag: string, flow: Flow): void;
  /** A Via with a branch of its own, for a request over a flow. */
  viaOf(flow: Flow): string;
  /** The URI of our Contact for a peer at the other end of a flow; of the scheme sips when the dialog is secure. */
  contactOf(flow: Flow, secure: boolean): string;
  /** Requests with this session's local tag reach it from now on. */
  enter(session: InviteSession): void;
  leave(session: InviteSession): void;
  /** Calls that nobody wants and whose BYE is under way, by Call-ID: the peer's tag of the dialog that it ends. */
  readonly ending: Map<string, string>;
  /** A listener threw. */
  onListenerError(error: unknown): void;
}

/**
 * What we serve, as Allow and Supported say it. A REFER within a dialog is understood, but what is offered is to be
 * done, and no call is transferred yet.
 */
export const allow = 'INVITE, ACK, BYE, CANCEL, OPTIONS, PRACK, UPDATE, INFO';
export const supported = '100rel, timer';
