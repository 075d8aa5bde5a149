import type { SipRequest, SipResponse } from '../message/index.ts';
import { buildResponse, COPIED_ANSWER_CHARACTERS, type ResponseParts } from '../message/index.ts';
import type { Flow } from '../transport/index.ts';
import { transportOf } from '../transport/index.ts';
import type { TransactionContext } from './client-transaction.ts';
import { TransactionClock } from './transaction-clock.ts';
import {
  responseEvent,
  type ServerEvent,
  type ServerMachine,
  type ServerState,
  serverInvite,
  serverNonInvite,
} from './transaction-machines.ts';
import { BARE_TRANSACTION, sizeOf } from './transaction-quota.ts';
import { serverTimers } from './transaction-timers.ts';

/** What a server transaction tells who answers the request. */
export interface ServerTransactionUser {
  /** The peer cancelled this INVITE; it has not had a final response. */
  onCancel?(cancel: SipRequest): void;
  /** The response could not be sent, or no ACK came for a refusal. */
  onFailure?(cause: 'timeout' | 'transport', error?: unknown): void;
}

/** One request of a peer's and our responses (RFC 3261, section 17.2). */
export class ServerTransaction {
  readonly key: string;
  readonly flow: Flow;
  /** Where responses go: RFC 3261, section 18.2.2, and RFC 3581. */
  readonly responseFlow: Flow;
  /** The connection over which the peer has spoken since: for responses when that of the request is gone. */
  #successor: Flow | undefined;
  /** The tag that we put into To where the request has none. */
  readonly localTag: string;
  /** Set on a request outside any dialog. */
  readonly mergeKey: string | undefined;
  /** Bytes that it holds, about. */
  size: number;
  readonly #context: TransactionContext;
  readonly #machine: ServerMachine;
  readonly #invite: boolean;
  readonly #timers: TransactionClock;
  #request: SipRequest | undefined;
  #state: ServerState;
  #response: SipResponse | undefined;
  #user: ServerTransactionUser | undefined;
  #answered = false;
  #released = false;

  constructor(
    key: string,
    request: SipRequest,
    flow: Flow,
    responseFlow: Flow,
    context: TransactionContext,
    mergeKey: string | undefined,
  ) {
    this.key = key;
    this.mergeKey = mergeKey;
    this.#request = request;
    this.size = BARE_TRANSACTION + sizeOf(request);
    this.flow = flow;
    this.responseFlow = responseFlow;
    this.#context = context;
    this.localTag = context.drawToken();
    this.#invite = request.method === 'INVITE';
    this.#machine = this.#invite ? serverInvite : serverNonInvite;
    this.#state = this.#invite ? 'proceeding' : 'trying';
    this.#timers = new TransactionClock(context.clock, this);
  }

  /** The request, until it has had its final response. @throws when it has: that is a fault of the caller's. */
  get request(): SipRequest {
    if (this.#request === undefined) throw new Error(`Transaction ${this.key} has had its final response.`);
    return this.#request;
  }

  get state(): ServerState {
    return this.#state;
  }

  /** Whether a final response has been given. */
  get answered(): boolean {
    return this.#answered;
  }

  attach(user: ServerTransactionUser): void {
    this.#user = user;
  }

  /** Builds and sends a response to the request, which has not had its final one. */
  reply(status: number, parts: ResponseParts = {}): SipResponse {
    const response = buildResponse(
      this.request,
      status,
      status === 100 ? parts : { tag: this.localTag, ...parts },
    );
    this.respond(response);
    return response;
  }

  /** Sends a response. After the final one only a repeated 2xx to an INVITE goes out. */
  respond(response: SipResponse): void {
    const event = responseEvent(response.status);
    if (this.#machine[this.#state]?.[event] === undefined) return;
    this.#response = response;
    if (event !== 'provisional') {
      this.#answered = true;
      this.#request = undefined;
    }
    this.#advance(event);
  }

  /** Sends a response again that this transaction does not repeat itself. */
  again(response: SipResponse): void {
    this.#context.send(response, this.responseFlow, () => {}, this.#successor);
  }

  /** The peer has spoken over another connection since, in the dialog that the request is in or makes. */
  heardSince(flow: Flow): void {
    const { transport, remoteAddress } = this.responseFlow;
    if (
      transportOf(transport).isReliable &&
      flow.transport === transport &&
      flow.remoteAddress === remoteAddress
    )
      this.#successor = flow;
  }

  /** The request came again, or its ACK. */
  receive(request: SipRequest): void {
    this.#advance(request.method === 'ACK' ? 'ack' : 'request');
  }

  cancel(request: SipRequest): void {
    if (!this.#answered) this.#user?.onCancel?.(request);
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
    this.#user = undefined;
    this.#context.forget(this);
  }

  readonly #broken = (error: unknown): void => this.#advance('broken', error);

  #advance(event: ServerEvent, error?: unknown): void {
    const step = this.#machine[this.#state]?.[event];
    if (step === undefined) return;
    const user = this.#user;
    if (step.to !== this.#state) this.#enter(step.to);
    for (const action of step.actions) {
      switch (action) {
        case 'send':
        case 'send-again':
          if (this.#response !== undefined)
            this.#context.send(this.#response, this.responseFlow, this.#broken, this.#successor);
          break;
        case 'report-no-ack':
          user?.onFailure?.('timeout');
          break;
        case 'report-broken':
          user?.onFailure?.('transport', error);
      }
    }
    if (this.#answered && !this.#released && this.#state !== 'terminated') this.#release();
  }

  /** What is kept for stragglers is the response alone. */
  #release(): void {
    this.#released = true;
    if (!this.#invite) this.#user = undefined;
    // The 2xx is repeated by the session, not by this transaction.
    if (this.#state === 'accepted' || this.#state === 'confirmed') this.#response = undefined;
    const response = this.#response;
    if (response === undefined) this.#resize(BARE_TRANSACTION);
    else if (this.size > COPIED_ANSWER_CHARACTERS) {
      this.#response = { ...response, headers: response.headers.ownCopy() };
      this.#resize(BARE_TRANSACTION + sizeOf(response));
    }
  }

  #resize(size: number): void {
    this.#context.resize(this, size - this.size);
    this.size = size;
  }

  #enter(state: ServerState): void {
    this.#state = state;
    const timers = serverTimers(
      this.#invite,
      state,
      transportOf(this.flow.transport).isReliable,
      this.#context.timers,
    );
    if (state === 'terminated' || timers.limit === 0) this.stop();
    else this.#timers.enter(timers);
  }
}
