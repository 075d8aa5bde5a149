import { TandemError } from '@tandem/actors/errors';
import type { Dialog } from '@tandem/proto/generated/events.ts';
import type { SipRequest, SipResponse } from '../message/index.ts';
import { digitContent, lists, readDigit, reasonHeader, reasonOf, sequence } from '../message/index.ts';
import type { ServerTransaction } from '../transaction/index.ts';
import { Repeater } from '../transaction/index.ts';
import type { Flow } from '../transport/index.ts';
import type { DialogClient } from './dialog-client.ts';
import { OfferExchange } from './offer-exchange.ts';
import { receiveRefer } from './refer.ts';
import type { DialogSession, SessionEvents, SessionListener, SessionPhase } from './session.ts';
import { allow, type SessionHost, supported } from './session-host.ts';
import { SessionListeners } from './session-listeners.ts';
import { SessionRefresher } from './session-refresher.ts';

/** An INVITE dialog from its confirmation on; how it gets there is its subclasses' (RFC 3261, sections 12 to 15). */
export class InviteSession implements DialogSession {
  readonly id: string;
  readonly host: SessionHost;
  readonly exchange: OfferExchange;
  readonly refresher: SessionRefresher;
  client: DialogClient;
  phase: SessionPhase = 'established';
  /** Whether the Call-ID is ours: who made it backs off longer when offers cross. */
  weMadeCallId = false;
  peerAllowsUpdate = false;
  readonly #listeners: SessionListeners;
  /** Repeats our 2xx to the INVITE with this CSeq number. */
  #repeater: Repeater | undefined;
  #repeated = 0;
  /** What the 2xx answers. */
  #acknowledging: ServerTransaction | undefined;
  /** What waits for the ACK to our 2xx: a BYE may not overtake it (RFC 3261, section 15). */
  #afterAck: (() => void)[] | undefined;
  #bye: Promise<number> | undefined;
  #byeDone: ((status: number) => void) | undefined;

  constructor(host: SessionHost, id: string, client: DialogClient) {
    this.host = host;
    this.id = id;
    this.client = client;
    this.#listeners = new SessionListeners(host);
    this.exchange = new OfferExchange(this);
    this.refresher = new SessionRefresher(this, host.sessionTimer);
    host.enter(this);
  }

  get dialog(): Dialog {
    const { agreed } = this.refresher;
    return {
      ...this.client.dialog,
      peerAllowsUpdate: this.peerAllowsUpdate,
      ...(agreed !== undefined && { sessionInterval: agreed.interval, weRefresh: agreed.weRefresh }),
    };
  }

  get over(): boolean {
    return this.phase === 'ending' || this.phase === 'over';
  }

  listen(listener: SessionListener): this {
    this.#listeners.listen(listener);
    return this;
  }

  on<E extends keyof SessionEvents>(event: E, listener: (...args: SessionEvents[E]) => void): this {
    this.#listeners.add(event, listener);
    return this;
  }

  off<E extends keyof SessionEvents>(event: E, listener: (...args: SessionEvents[E]) => void): this {
    this.#listeners.remove(event, listener);
    return this;
  }

  listens(event: keyof SessionEvents): boolean {
    return this.#listeners.has(event);
  }

  emit<E extends keyof SessionEvents>(event: E, ...args: SessionEvents[E]): void {
    this.#listeners.emit(event, ...args);
  }

  drop(): void {
    this.finish();
  }

  bye(reason?: string): Promise<number> {
    if (this.#bye !== undefined) return this.#bye;
    if (this.over) return Promise.resolve(481);
    this.#bye = new Promise((resolve) => {
      this.#byeDone = resolve;
    });
    this.endBy(reason);
    return this.#bye;
  }

  acceptOffer(sdp: string): void {
    this.exchange.accept(sdp);
  }

  refuseOffer(status: number, warning?: string): void {
    this.exchange.refuse(status, warning);
  }

  offer(sdp: string): Promise<string> {
    if (this.#afterAck === undefined) return this.exchange.offer(sdp);
    return new Promise((resolve, reject) => {
      this.#afterAck?.push(() => this.exchange.offer(sdp).then(resolve, reject));
    });
  }

  refresh(): Promise<string | undefined> {
    return this.refresher.refreshNow();
  }

  sendDigit(digit: string, duration: number): void {
    if (this.phase !== 'established') return;
    // A peer that does not have our 2xx yet knows no such dialog, and would say so.
    if (this.#afterAck !== undefined) {
      this.#afterAck.push(() => this.sendDigit(digit, duration));
      return;
    }
    this.client.request('INFO', { content: digitContent(digit, duration) }, this.#losesDialog);
  }

  /** A request of the peer's within the dialog, other than ACK and CANCEL. */
  receive(request: SipRequest, transaction: ServerTransaction): void {
    const client = this.clientOf(request);
    const { dialog } = client;
    const number = sequence(request);
    if (number < dialog.remoteSeq) {
      transaction.reply(500, { phrase: 'CSeq Too Low' });
      return;
    }
    if (dialog.remoteTag !== '') client.dialog = { ...dialog, remoteSeq: number };
    for (const pending of this.unanswered()) pending.heardSince(transaction.flow);
    client.heard(transaction.flow);
    if (request.method === 'BYE') {
      this.receiveBye(request, transaction);
      return;
    }
    if (this.over) {
      transaction.reply(481);
      return;
    }
    switch (request.method) {
      case 'INVITE':
      case 'UPDATE':
        this.noteAllowed(request);
        this.exchange.receive(request, transaction, request.method, client);
        break;
      case 'PRACK':
        this.receivePrack(request, transaction);
        break;
      case 'INFO':
        this.#receiveInfo(request, transaction);
        break;
      case 'REFER':
        receiveRefer(this, request, transaction);
        break;
      default:
        transaction.reply(200, {
          headers: [
            ['Allow', allow],
            ['Accept', 'application/sdp, multipart/mixed'],
            ['Supported', supported],
          ],
        });
    }
  }

  /** An ACK to a 2xx of ours. `earlyAnswer`: the answer that came before, in a PRACK. */
  receiveAck(ack: SipRequest, earlyAnswer?: string): void {
    if (this.#repeater === undefined || sequence(ack) !== this.#repeated) return;
    this.#repeater.stop();
    this.#repeater = undefined;
    const first = this.#afterAck !== undefined;
    const asked = this.exchange.awaitsAnswerInAck;
    const sdp = this.exchange.acknowledged(ack) ?? earlyAnswer;
    const waiting = this.#afterAck;
    this.#afterAck = undefined;
    if (!this.over && (first || asked)) this.emit('confirmed', { sdp });
    for (const action of waiting ?? []) action();
  }

  /** A 2xx to an INVITE of ours whose transaction is over. Its ACK must have been lost for very long. */
  receiveStray(_response: SipResponse, _flow: Flow): void {}

  /** The peer's requests that we have not answered, or whose answer has not been acknowledged. */
  protected unanswered(): ServerTransaction[] {
    const { answering } = this.exchange;
    return [
      ...(answering === undefined ? [] : [answering]),
      ...(this.#repeater === undefined ? [] : [this.#acknowledging!]),
    ];
  }

  /** Whether requests with this From tag are the peer's. */
  isPeerTag(tag: string): boolean {
    return this.client.dialog.remoteTag === tag;
  }

  /** Offers and answers of this dialog are those that count from now on, where an INVITE of ours has made several. */
  turnTo(_client: DialogClient): void {}

  updateDialog(change: (dialog: Dialog) => Dialog): void {
    this.client.dialog = change(this.client.dialog);
  }

  /** Learns from a message of the peer's whether it takes UPDATE. */
  noteAllowed(message: SipRequest | SipResponse): void {
    if (message.headers.has('Allow')) this.peerAllowsUpdate = lists(message.headers, 'Allow', 'UPDATE');
  }

  /** Our 2xx has gone out; it is repeated until its ACK comes. `first`: what may not overtake the ACK waits for it. */
  repeatUntilAck(number: number, response: SipResponse, invite: ServerTransaction, first = false): void {
    this.#repeater?.stop();
    if (first) this.#afterAck = [];
    const { clock, timers } = this.host;
    const again = (): void => invite.again(response);
    this.#acknowledging = invite;
    this.#repeated = number;
    this.#repeater = new Repeater(clock, timers, timers.t2, again, () => this.#onNoAck());
  }

  /** The peer does not know the dialog any more, or does not answer in it (RFC 3261, section 12.2.1.2). */
  lost(status: number): void {
    this.endWith(new TandemError('sip.dialog-lost', { session: this.id, status }), status);
  }

  expired(): void {
    this.endWith(new TandemError('sip.session-expired', { session: this.id }));
  }

  /** Ends an established session for a cause of its own: with a BYE, and a `failed`. */
  endWith(error: TandemError, status?: number): void {
    if (this.over) return;
    this.#startEnding();
    this.#sendBye(undefined);
    this.emit('failed', {
      code: error.code,
      message: error.message,
      ...(status !== undefined && { status }),
    });
  }

  /** The end of a session that was never established, or whose dialog is gone. Nothing is sent. */
  finish(byeStatus?: number): void {
    if (this.phase === 'over') return;
    this.phase = 'over';
    this.#repeater?.stop();
    this.#repeater = undefined;
    this.#afterAck = undefined;
    this.refresher.stop();
    this.exchange.abort();
    this.client.close();
    this.host.leave(this);
    this.#byeDone?.(byeStatus ?? 481);
    this.#byeDone = undefined;
  }

  /** What bye() does. Before the session is established it is not a BYE that ends it. */
  protected endBy(reason: string | undefined): void {
    const waiting = this.#afterAck;
    this.#startEnding();
    if (waiting === undefined) this.#sendBye(reason);
    else this.#afterAck = [() => this.#sendBye(reason)];
  }

  protected receiveBye(request: SipRequest, transaction: ServerTransaction): void {
    transaction.reply(200);
    const ours = this.over;
    this.finish(200);
    if (!ours) this.emit('ended', { reason: reasonOf(request) });
  }

  /** Whose dialog a request of the peer's is in, where an INVITE of ours has made several. */
  protected clientOf(_request: SipRequest): DialogClient {
    return this.client;
  }

  protected receivePrack(_request: SipRequest, transaction: ServerTransaction): void {
    transaction.reply(481);
  }

  #startEnding(): void {
    this.phase = 'ending';
    this.refresher.stop();
    this.exchange.abort();
  }

  #sendBye(reason: string | undefined): void {
    this.#repeater?.stop();
    this.#repeater = undefined;
    this.client.request(
      'BYE',
      { headers: reasonHeader(reason) },
      {
        onResponse: (response) => {
          if (response.status >= 200) this.finish(response.status);
        },
        onFailure: (cause) => this.finish(cause === 'timeout' ? 408 : 503),
      },
    );
  }

  #onNoAck(): void {
    this.#repeater = undefined;
    const waiting = this.#afterAck;
    this.#afterAck = undefined;
    if (this.phase === 'ending') {
      for (const action of waiting ?? []) action();
      return;
    }
    this.endWith(new TandemError('sip.no-ack', { session: this.id }));
  }

  #receiveInfo(request: SipRequest, transaction: ServerTransaction): void {
    const digit = readDigit(request);
    if (digit === 'unknown') {
      transaction.reply(415, { headers: [['Accept', 'application/dtmf-relay, application/dtmf']] });
      return;
    }
    transaction.reply(200);
    if (digit !== undefined) this.emit('digit', digit);
  }

  readonly #losesDialog = {
    isWanted: (): boolean => !this.over,
    onResponse: (response: SipResponse): void => {
      if (response.status === 481 || response.status === 408) this.lost(response.status);
    },
    onFailure: (cause: 'timeout' | 'transport'): void => {
      if (cause === 'timeout') this.lost(408);
    },
  };
}
