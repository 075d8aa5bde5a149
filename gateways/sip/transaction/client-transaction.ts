import type { DrawToken, SipRequest, SipResponse } from '../message/index.ts';
import { buildRefusalAck } from '../message/index.ts';
import type { Clock, Flow } from '../transport/index.ts';
import { transportOf } from '../transport/index.ts';
import { patience, type TimerValues } from './timers.ts';
import { TransactionClock } from './transaction-clock.ts';
import {
  type ClientEvent,
  type ClientMachine,
  type ClientState,
  clientInvite,
  clientNonInvite,
  responseEvent,
  takenUpInvite,
} from './transaction-machines.ts';
import { clientTimers } from './transaction-timers.ts';

/** What a client transaction tells who sent the request. */
export interface ClientTransactionUser {
  /** Each provisional response, the final one, and for an INVITE each further 2xx. */
  onResponse(response: SipResponse, flow: Flow): void;
  /** No final response will come: timer B or F rang, or the transport cannot carry the request, and why. */
  onFailure(cause: 'timeout' | 'transport', error?: unknown): void;
}

/** What client and server transactions need of the layer around them. */
export interface TransactionContext {
  readonly clock: Clock;
  readonly timers: TimerValues;
  /** For tags and branches of ours. */
  readonly drawToken: DrawToken;
  send(
    message: SipRequest | SipResponse,
    flow: Flow,
    broken: (error: unknown) => void,
    successor?: Flow,
  ): void;
  forget(transaction: { readonly key: string }): void;
  /** A peer's transaction holds so many bytes more, or fewer. */
  resize(transaction: { readonly flow: Flow }, by: number): void;
}

/** One request of ours and its responses (RFC 3261, section 17.1). */
export class ClientTransaction {
  readonly key: string;
  readonly request: SipRequest;
  readonly flow: Flow;
  readonly #context: TransactionContext;
  readonly #user: ClientTransactionUser;
  #machine: ClientMachine;
  readonly #invite: boolean;
  readonly #timers: TransactionClock;
  #state: ClientState = 'trying';
  #ack: SipRequest | undefined;

  constructor(
    key: string,
    request: SipRequest,
    flow: Flow,
    user: ClientTransactionUser,
    context: TransactionContext,
  ) {
    this.key = key;
    this.request = request;
    this.flow = flow;
    this.#user = user;
    this.#context = context;
    this.#invite = request.method === 'INVITE';
    this.#machine = this.#invite ? clientInvite : clientNonInvite;
    this.#timers = new TransactionClock(context.clock, this);
  }

  /** Sends the request for the first time. */
  start(): void {
    this.#enter('trying');
    this.#context.send(this.request, this.flow, this.#broken);
  }

  /** Does not send an INVITE again, or for the first time, and waits for it no longer than for a cancelled one. */
  takeUp(): void {
    if (this.#state !== 'trying') return;
    this.#machine = takenUpInvite;
    this.#state = 'proceeding';
    this.#timers.enter({ limit: patience(this.#context.timers) });
  }

  receive(response: SipResponse, flow: Flow): void {
    this.#advance(responseEvent(response.status), response, flow);
  }

  /** The connection that it went over is gone; once the peer has said something it may answer on another. */
  connectionLost(error: unknown): void {
    if (this.#state === 'trying') this.#broken(error);
  }

  repeat(): void {
    this.#advance('repeat');
  }

  limit(): void {
    this.#advance('limit');
  }

  /** Ends it now and tells nobody. */
  stop(): void {
    this.#timers.clear();
    this.#state = 'terminated';
    this.#context.forget(this);
  }

  readonly #broken = (error: unknown): void => this.#advance('broken', undefined, undefined, error);

  #advance(event: ClientEvent, response?: SipResponse, flow?: Flow, error?: unknown): void {
    const step = this.#machine[this.#state]?.[event];
    if (step === undefined) return;
    if (step.to !== this.#state) this.#enter(step.to);
    for (const action of step.actions) {
      switch (action) {
        case 'send':
          this.#context.send(this.request, this.flow, this.#broken);
          break;
        case 'acknowledge':
          this.#ack ??= buildRefusalAck(this.request, response!);
          this.#context.send(this.#ack, this.flow, this.#broken);
          break;
        case 'deliver':
          this.#user.onResponse(response!, flow!);
          break;
        case 'report-timeout':
          this.#user.onFailure('timeout');
          break;
        case 'report-broken':
          this.#user.onFailure('transport', error);
      }
    }
  }

  #enter(state: ClientState): void {
    this.#state = state;
    const timers = clientTimers(
      this.#invite,
      state,
      transportOf(this.flow.transport).isReliable,
      this.#context.timers,
    );
    // A state that lasts no time is left before the response is told, so that nothing is held.
    if (state === 'terminated' || timers.limit === 0) this.stop();
    else this.#timers.enter(timers);
  }
}
