import type { Dialog } from '@tandem/proto/generated/events.ts';
import type { AuthorizerHost } from '../auth/index.ts';
import type { SipRequest, SipResponse } from '../message/index.ts';
import type { ServerTransaction, TimerValues, TransactionLayer } from '../transaction/index.ts';
import type { Clock, Flow, TransportName } from '../transport/index.ts';
import type { SessionTimerPolicy } from './session-timer.ts';

/** A session as the user agent that it lives in sees it. */
export interface HostedSession {
  readonly client: { readonly dialog: Dialog };
  /** Whether requests with this From tag are the peer's. */
  isPeerTag(tag: string): boolean;
  /** A request of the peer's within the dialog, other than ACK and CANCEL. */
  receive(request: SipRequest, transaction: ServerTransaction): void;
  /** An ACK to a 2xx of ours. */
  receiveAck(ack: SipRequest): void;
  /** A 2xx to an INVITE of ours whose transaction is over. */
  receiveStray(response: SipResponse, flow: Flow): void;
  /** The end of a session that was never established, or whose dialog is gone. Nothing is sent. */
  finish(): void;
}

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
  /** The flow over another transport to where a flow leads; none when we do not have that, or it failed there lately. */
  flowOver(transport: TransportName, flow: Flow): Flow | undefined;
  /** Something is sent on a flow in the dialog with this local tag: who is there is to be heard of it. */
  expect(localTag: string, flow: Flow): void;
  /** A Via with a branch of its own, for a request over a flow. */
  viaOf(flow: Flow): string;
  /** The URI of our Contact for a peer at the other end of a flow; of the scheme sips when the dialog is secure. */
  contactOf(flow: Flow, secure: boolean): string;
  /** Requests with this session's local tag reach it from now on. */
  enter(session: HostedSession): void;
  leave(session: HostedSession): void;
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
