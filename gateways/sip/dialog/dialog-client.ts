import type { Dialog } from '@tandem/proto/generated/events.ts';
import type { BoundCredentials } from '../auth/index.ts';
import { Authorizer } from '../auth/index.ts';
import type { Addressee } from '../locate/index.ts';
import type { SipRequest, SipResponse } from '../message/index.ts';
import { buildRequest, type Content, type Header, isTooLargeForUdp, quote } from '../message/index.ts';
import type { ClientTransaction } from '../transaction/index.ts';
import { patience } from '../transaction/index.ts';
import type { Flow, Hop } from '../transport/index.ts';
import { isSecure, PeerConnection, transportOf } from '../transport/index.ts';
import { pathOf } from './dialog.ts';
import { requestAny } from './request-any.ts';
import type { SessionHost } from './session-host.ts';

export interface RequestParts {
  readonly headers?: readonly Header[];
  readonly content?: Content;
  /** 70 when absent. */
  readonly maxForwards?: number;
}

/** Who sent a request within a dialog. */
export interface DialogRequestUser {
  /** The request as it went out, again when it had to be sent anew with credentials. */
  onSent?(transaction: ClientTransaction): void;
  /** Whether it is still to be sent, or sent anew with credentials; it is unless this says otherwise. */
  isWanted?(): boolean;
  onResponse(response: SipResponse, flow: Flow, request: SipRequest): void;
  /** No final response will come; `error` says why the request did not reach the peer, when that is so. */
  onFailure(cause: 'timeout' | 'transport', error?: unknown): void;
}

/** How many challenges of all realms together are answered for one request. */
const MAX_CHALLENGES = 6;

/** Sends our requests within one dialog, or the INVITE that makes it (RFC 3261, section 12.2.1). */
export class DialogClient {
  dialog: Dialog;
  /** Display name of our From. */
  readonly name: string | undefined;
  readonly #host: SessionHost;
  /** Shared by all dialogs of one INVITE. */
  readonly #authorizer: Authorizer | undefined;
  /** Where requests go that make the dialog. */
  readonly #hop: Hop | undefined;
  readonly #connection: PeerConnection;
  /** Whether a peer that nobody can connect to may come of itself. */
  #mayReturn = false;
  /** The trunk that the call goes over, where that is known. */
  readonly #trunk: string | undefined;

  constructor(
    host: SessionHost,
    dialog: Dialog,
    options: {
      name?: string;
      credentials?: BoundCredentials;
      hop?: Hop;
      authorizer?: Authorizer;
      trunk?: string;
    } = {},
  ) {
    this.#host = host;
    this.dialog = dialog;
    this.#connection = new PeerConnection(host.clock, patience(host.timers));
    this.name = options.name;
    const { credentials, authorizer } = options;
    this.#authorizer =
      authorizer ?? (credentials === undefined ? undefined : new Authorizer(host, credentials));
    this.#hop = options.hop;
    this.#trunk = options.trunk;
  }

  /** Whom a request is for: the trunk of a call over one; who answered, where nothing says which that was. */
  get #addressee(): Addressee {
    if (this.#trunk !== undefined) return { trunk: this.#trunk };
    return this.#hop === undefined ? { peerAddress: this.dialog.peerAddress } : {};
  }

  /** The same sender for another dialog of the same INVITE. */
  fork(dialog: Dialog): DialogClient {
    return new DialogClient(this.#host, dialog, {
      name: this.name,
      authorizer: this.#authorizer,
      trunk: this.#trunk,
    });
  }

  /** A request of the peer's in this dialog has come over a flow. */
  heard(flow: Flow): void {
    if (transportOf(flow.transport).isReliable) this.#connection.heard(flow, pathOf(this.dialog).hop);
  }

  /** The process before had connections of the peer's that are gone. */
  mayReturn(): void {
    this.#mayReturn = transportOf(this.dialog.transport).isReliable;
  }

  /** Waits for nobody any more who may connect again. */
  close(): void {
    this.#connection.close();
  }

  /** Sends a request in a transaction of its own, with the next CSeq. Answers challenges when it has credentials. */
  request(method: string, parts: RequestParts, user: DialogRequestUser): void {
    this.#request(method, parts, user, new Map());
  }

  /** @param answered how often each realm's challenge has been answered for this request */
  #request(
    method: string,
    parts: RequestParts,
    user: DialogRequestUser,
    answered: Map<string, number>,
  ): void {
    this.dialog = { ...this.dialog, localSeq: this.dialog.localSeq + 1 };
    const sequence = this.dialog.localSeq;
    const hop = this.#hop ?? pathOf(this.dialog).hop;
    this.#host.locate(hop, this.#addressee, (flows, error) => {
      if (flows.length === 0 || user.isWanted?.() === false) {
        user.onFailure('transport', error);
        return;
      }
      this.#authorizer?.reached(hop, flows);
      const sentOver = new Map<SipRequest, Flow>();
      const ways = this.#waysTo(hop, flows);
      requestAny(this.#host, ways, {
        build: (flow, as) => {
          this.#host.expect(this.dialog.localTag, flow);
          if (this.#hop !== undefined) this.dialog = this.#reached(this.#hop, as);
          const request = this.#build(method, sequence, flow, parts);
          sentOver.set(request, flow);
          return request;
        },
        isWanted: () => user.isWanted?.() !== false,
        onSent: (transaction) => user.onSent?.(transaction),
        onResponse: (response, from, request) => {
          if (this.#connection.is(sentOver.get(request)!)) this.#connection.isDeadEnd(hop);
          const refused = (): void => user.onResponse(response, from, request);
          const authorizer = this.#authorizer;
          if ((response.status !== 401 && response.status !== 407) || authorizer === undefined) {
            refused();
            return;
          }
          authorizer.take(response, sentOver.get(request)!, answered, (isTaken) => {
            const isWorthIt =
              isTaken && [...answered.values()].reduce((sum, n) => sum + n, 0) <= MAX_CHALLENGES;
            if (isWorthIt && user.isWanted?.() !== false) this.#request(method, parts, user, answered);
            else refused();
          });
        },
        onFailure: (cause, error) => {
          const failed = (): void => user.onFailure(cause, error);
          if (cause === 'timeout' || this.#hop !== undefined) {
            failed();
            return;
          }
          if (this.#mayReturn) this.#connection.isDeadEnd(hop);
          const again = (): void => {
            if (user.isWanted?.() === false) failed();
            else this.#request(method, parts, user, answered);
          };
          const hasComeMeanwhile = this.#waysTo(hop, flows).some(
            (way) => this.#connection.is(way) && !ways.includes(way),
          );
          if (hasComeMeanwhile) again();
          else if (!this.#connection.awaitPeer(hop, again, failed)) failed();
        },
      });
    });
  }

  /** Flows within the dialog, with the peer's own connection where that leads there. */
  #waysTo(hop: Hop, flows: readonly Flow[]): readonly Flow[] {
    return this.#hop === undefined ? this.#connection.among(flows, hop) : flows;
  }

  /** The dialog as it is to be made over a flow. */
  #reached(hop: Hop, flow: Flow): Dialog {
    const isNamed = flow.name !== undefined || hop.port !== undefined;
    return {
      ...this.dialog,
      transport: flow.transport,
      peerAddress: isNamed ? hop.host : flow.remoteAddress,
      peerPort: flow.remotePort,
      localContact: this.#host.contactOf(flow, isSecure(this.dialog.remoteTarget)),
    };
  }

  /** Sends the ACK to a 2xx (RFC 3261, section 13.2.2.4); what it returns sends it again. */
  acknowledge(sequence: number): () => void {
    let again = (): void => {};
    const { hop } = pathOf(this.dialog);
    this.#host.locate(hop, this.#addressee, (flows) => {
      const ways = this.#waysTo(hop, flows);
      const acks = new Map<Flow, SipRequest>();
      const sendOver = (at: number): void => {
        const flow = ways[at];
        if (flow === undefined) return;
        this.#host.expect(this.dialog.localTag, flow);
        const ack = acks.get(flow) ?? this.#build('ACK', sequence, flow, {});
        acks.set(flow, ack);
        this.#host.transactions.send(ack, flow, () => sendOver(at + 1));
      };
      again = () => sendOver(0);
      again();
    });
    return () => again();
  }

  /** Sends a request over a flow, once, and does not wait for an answer. */
  sayOnce(method: 'ACK' | 'BYE', sequence: number, flow: Flow): void {
    this.#host.transactions.send(this.#build(method, sequence, flow, {}), flow);
  }

  /** Sends a request over a flow, and again until it is answered; once only when it is too large for a datagram. */
  sayUntilAnswered(method: 'BYE', sequence: number, flow: Flow, done: () => void): void {
    const request = this.#build(method, sequence, flow, {});
    if (isTooLargeForUdp(request)) {
      this.#host.transactions.send(request, flow);
      done();
      return;
    }
    this.#host.transactions.request(request, flow, {
      onResponse: ({ status }) => {
        if (status >= 200) done();
      },
      onFailure: done,
    });
  }

  #build(method: string, sequence: number, flow: Flow, parts: RequestParts): SipRequest {
    const { dialog } = this;
    const { uri, routes } = pathOf(dialog);
    const name = this.name === undefined ? '' : `${quote(this.name)} `;
    const remoteTag = dialog.remoteTag === '' ? '' : `;tag=${dialog.remoteTag}`;
    const fields: Header[] = [
      ['Via', this.#host.viaOf(flow)],
      ['Max-Forwards', `${parts.maxForwards ?? 70}`],
      ['From', `${name}<${dialog.localUri}>;tag=${dialog.localTag}`],
      ['To', `<${dialog.remoteUri}>${remoteTag}`],
      ['Call-ID', dialog.callId],
      ['CSeq', `${sequence} ${method}`],
    ];
    for (const route of routes) fields.push(['Route', `<${route}>`]);
    if (method === 'INVITE' || method === 'UPDATE') fields.push(['Contact', `<${dialog.localContact}>`]);
    if (parts.headers !== undefined) fields.push(...parts.headers);
    const request = buildRequest(method, uri, fields, parts.content);
    this.#authorizer?.authorize(request, flow);
    return request;
  }
}
