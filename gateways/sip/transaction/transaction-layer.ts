import { createHash } from 'node:crypto';
import { isTandemError } from '@tandem/actors/errors';
import type { SipMessage, SipRequest, SipResponse } from '../message/index.ts';
import {
  buildResponse,
  type DrawToken,
  type ResponseParts,
  randomToken,
  sequenceMethod,
  toTag,
} from '../message/index.ts';
import type { Clock, Flow, TransportLayer } from '../transport/index.ts';
import { responseFlow, responseFlowAfterClose, sendError, transportOf } from '../transport/index.ts';
import {
  ClientTransaction,
  type ClientTransactionUser,
  type TransactionContext,
} from './client-transaction.ts';
import { ServerTransaction } from './server-transaction.ts';
import type { TimerValues } from './timers.ts';
import { mergeKey, requestKey, responseKey } from './transaction-key.ts';
import { echoesTooMuch, type TransactionLimits, TransactionQuota } from './transaction-quota.ts';
import { refusalHeaders, type Unavailable } from './unavailable.ts';

/** The transaction user: what the layer hands up. */
export interface TransactionUser {
  /** A new request, other than ACK and CANCEL. */
  onRequest(request: SipRequest, transaction: ServerTransaction): void;
  /** Why a new call is not taken now, if it is not: asked before anything of its INVITE is kept. */
  unavailableFor(request: SipRequest, flow: Flow): Unavailable | undefined;
  /** Whether a request belongs to a dialog that is here. */
  knows(request: SipRequest): boolean;
  /** An ACK that belongs to no transaction: one to a 2xx. */
  onAck(request: SipRequest, flow: Flow): void;
  /** A response that belongs to no transaction: a late 2xx to an INVITE. */
  onStray(response: SipResponse, flow: Flow): void;
  /** A message could not be sent. */
  onSendFailed(error: unknown, flow: Flow): void;
}

export interface TransactionLayerOptions {
  readonly transport: TransportLayer;
  readonly user: TransactionUser;
  readonly clock: Clock;
  readonly timers: TimerValues;
  readonly limits: TransactionLimits;
  /** Drawn by the system unless given. */
  readonly drawToken?: DrawToken;
  /** Whether what comes waits until `hear`. */
  readonly waits?: boolean;
}

/** Messages that may wait to be heard; those after are lost, and their senders repeat them. */
const maxWaiting = 1_000;

const isSamePlace = (one: Flow, other: Flow): boolean =>
  one.transport === other.transport &&
  one.remoteAddress === other.remoteAddress &&
  one.remotePort === other.remotePort;

const noop = (): void => {};

const tagOf = (key: string): string => createHash('sha256').update(key).digest('hex').slice(0, 16);

/** The transaction layer (RFC 3261, section 17; RFC 6026): finds each message's transaction, or makes it. */
export class TransactionLayer implements TransactionContext {
  readonly clock: Clock;
  readonly timers: TimerValues;
  readonly drawToken: DrawToken;
  readonly #transport: TransportLayer;
  readonly #user: TransactionUser;
  readonly #quota: TransactionQuota;
  readonly #clients = new Map<string, ClientTransaction>();
  readonly #servers = new Map<string, ServerTransaction>();
  /** Server transactions of requests outside dialogs, to notice copies that came by other ways. */
  readonly #merges = new Map<string, ServerTransaction>();
  #waiting: [message: SipMessage, flow: Flow][] | undefined;

  constructor(options: TransactionLayerOptions) {
    this.#transport = options.transport;
    this.#user = options.user;
    this.clock = options.clock;
    this.timers = options.timers;
    this.drawToken = options.drawToken ?? randomToken;
    this.#quota = new TransactionQuota(options.limits);
    if (options.waits) this.#waiting = [];
    this.#transport.onFlowClosed((flow) => this.#lose(flow));
    this.#transport.onMessage((message, flow) => {
      if (this.#waiting === undefined) this.#receive(message, flow);
      else if (this.#waiting.length < maxWaiting) this.#waiting.push([message, flow]);
    });
  }

  /** Who has said nothing on a connection that is gone will not answer any more what was sent on it. */
  #lose(flow: Flow): void {
    const error = sendError(flow, 'the connection was closed before anything was answered');
    for (const client of [...this.#clients.values()])
      if (isSamePlace(client.flow, flow)) client.connectionLost(error);
  }

  /** Hears what waited, and from now on what comes. */
  hear(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const [message, flow] of waiting) {
      try {
        this.#receive(message, flow);
      } catch (error) {
        // A field that is malformed, which the transport would refuse now; the sender gives up by itself.
        if (!isTandemError(error, 'sip.malformed')) throw error;
      }
    }
  }

  /** How many transactions are held. */
  get size(): number {
    return this.#clients.size + this.#servers.size;
  }

  /** Sends a request in a transaction of its own; its top Via must have a branch of its own. */
  request(request: SipRequest, flow: Flow, user: ClientTransactionUser): ClientTransaction {
    const transaction = new ClientTransaction(responseKey(request), request, flow, user, this);
    this.#clients.set(transaction.key, transaction);
    transaction.start();
    return transaction;
  }

  /** A client transaction for an INVITE of ours that another process sent and that is to be cancelled. */
  takeUpInvite(invite: SipRequest, flow: Flow, user: ClientTransactionUser): ClientTransaction {
    const transaction = new ClientTransaction(responseKey(invite), invite, flow, user, this);
    this.#clients.set(transaction.key, transaction);
    transaction.takeUp();
    return transaction;
  }

  /**
   * Sends a message outside any transaction (the ACK to a 2xx, a response that is repeated), or for one.
   *
   * @param successor the connection over which the peer has spoken since, for a response whose own is gone
   */
  send(
    message: SipMessage,
    flow: Flow,
    broken: (error: unknown) => void = noop,
    successor: Flow | undefined = undefined,
  ): void {
    const failed = (error: unknown): void => {
      this.#user.onSendFailed(error, flow);
      broken(error);
    };
    const sent = this.#transport.send(message, flow);
    if (message.kind === 'request' || !transportOf(flow.transport).isReliable) sent.catch(failed);
    // The connection of the request is gone (RFC 3261, section 18.2.2).
    else
      sent
        .catch((error: unknown) => {
          if (successor === undefined) throw error;
          return this.#transport.send(message, successor);
        })
        .catch(() => this.#transport.send(message, responseFlowAfterClose(message, flow)))
        .catch(failed);
  }

  /** Answers a request for which no transaction is kept. */
  refuse(request: SipRequest, flow: Flow, status: number, parts: ResponseParts = {}): void {
    this.send(
      buildResponse(request, status, { tag: this.drawToken(), ...parts }),
      responseFlow(request, flow),
    );
  }

  /** A server transaction for a request that another process received. */
  takeUp(request: SipRequest, flow: Flow): ServerTransaction {
    const key = requestKey(request);
    const transaction = new ServerTransaction(
      key,
      request,
      flow,
      responseFlow(request, flow),
      this,
      undefined,
    );
    this.#quota.take(flow.remoteAddress, transaction.size);
    this.#servers.set(key, transaction);
    return transaction;
  }

  forget(transaction: ClientTransaction | ServerTransaction): void {
    if (transaction instanceof ClientTransaction) {
      this.#clients.delete(transaction.key);
      return;
    }
    if (!this.#servers.delete(transaction.key)) return;
    this.#quota.release(transaction.flow.remoteAddress, transaction.size);
    if (transaction.mergeKey !== undefined) this.#merges.delete(transaction.mergeKey);
  }

  resize({ flow }: { readonly flow: Flow }, by: number): void {
    this.#quota.resize(flow.remoteAddress, by);
  }

  /** Ends all transactions and tells nobody. */
  close(): void {
    for (const transaction of [...this.#clients.values(), ...this.#servers.values()]) transaction.stop();
  }

  #receive(message: SipMessage, flow: Flow): void {
    if (message.kind === 'request') this.#receiveRequest(message, flow);
    else this.#receiveResponse(message, flow);
  }

  #receiveResponse(response: SipResponse, flow: Flow): void {
    const transaction = this.#clients.get(responseKey(response));
    if (transaction !== undefined) transaction.receive(response, flow);
    else if (response.status >= 200 && response.status < 300 && sequenceMethod(response) === 'INVITE')
      this.#user.onStray(response, flow);
  }

  #receiveRequest(request: SipRequest, flow: Flow): void {
    const key = requestKey(request);
    const known = this.#servers.get(key);
    if (request.method === 'ACK') {
      if (known === undefined || known.state === 'accepted') this.#user.onAck(request, flow);
      else known.receive(request);
      return;
    }
    if (known !== undefined) {
      known.receive(request);
      return;
    }
    if (flow.stranger && !this.#user.knows(request)) return;
    if (echoesTooMuch(request)) {
      this.refuse(request, flow, 513);
      return;
    }
    const begins = toTag(request) === undefined && request.method !== 'CANCEL';
    const unavailable =
      begins && request.method === 'INVITE' ? this.#user.unavailableFor(request, flow) : undefined;
    if (unavailable !== undefined) {
      const { reason, retryAfter } = unavailable;
      const headers = refusalHeaders(reason, retryAfter);
      // Repetitions get the same tag, as nothing is remembered of the first (RFC 3261, section 8.2.7).
      this.refuse(request, flow, 503, { headers, tag: tagOf(key) });
      return;
    }
    const merge = begins ? mergeKey(request) : undefined;
    const merged = merge !== undefined && this.#merges.has(merge);
    const transaction = new ServerTransaction(
      key,
      request,
      flow,
      responseFlow(request, flow),
      this,
      merged ? undefined : merge,
    );
    if (!this.#quota.take(flow.remoteAddress, transaction.size)) {
      this.refuse(request, flow, 503, { headers: [['Retry-After', `${this.#quota.retryAfter}`]] });
      return;
    }
    this.#servers.set(key, transaction);
    if (merged) {
      transaction.reply(482);
      return;
    }
    if (merge !== undefined) this.#merges.set(merge, transaction);
    if (request.method === 'CANCEL') this.#cancel(request, transaction);
    else this.#user.onRequest(request, transaction);
  }

  /** RFC 3261, section 9.2. */
  #cancel(request: SipRequest, transaction: ServerTransaction): void {
    const invite = this.#servers.get(requestKey(request, 'INVITE'));
    if (invite === undefined) {
      transaction.reply(481);
      return;
    }
    transaction.reply(200, { tag: invite.localTag });
    invite.cancel(request);
  }
}
