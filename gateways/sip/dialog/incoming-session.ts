import { TandemError } from '@tandem/actors/errors';
import type { SipRequest } from '../message/index.ts';
import { type Header, lists, reasonOf, sdpContent, sdpOf, sequence } from '../message/index.ts';
import type { ServerTransaction } from '../transaction/index.ts';
import { refusalHeaders } from '../transaction/index.ts';
import type { Timer } from '../transport/index.ts';
import { sendError, wantsSecureContact } from '../transport/index.ts';
import { dialogOfRequest } from './dialog.ts';
import { DialogClient } from './dialog-client.ts';
import { InviteSession } from './invite-session.ts';
import { parseRAck, ReliableProvisionals } from './reliable-provisional.ts';
import type { ServerSession } from './session.ts';
import { allow, type SessionHost, supported } from './session-host.ts';

/** A provisional response is repeated before proxies on the way give the call up (RFC 3261, section 13.3.1.1), in ms. */
const ringEvery = 60_000;

/** A session that the peer invited us to (RFC 3261, section 13.3). */
export class IncomingSession extends InviteSession implements ServerSession {
  readonly #transaction: ServerTransaction;
  readonly #sequence: number;
  readonly #offerless: boolean;
  readonly #relRequired: boolean;
  #reliable: ReliableProvisionals | undefined;
  /** What our 2xx says about the session timer. */
  readonly #timer: readonly Header[];
  #ringTimer: Timer;
  /** The SDP that went out in a reliable response: the 2xx has none then (RFC 6337, section 3.1). */
  #earlySdp: string | undefined;
  /** The answer in a PRACK to our offer. */
  #earlyAnswer: string | undefined;
  /** The answer that waits for a PRACK. */
  #waitingAnswer: string | undefined;

  constructor(host: SessionHost, id: string, request: SipRequest, transaction: ServerTransaction) {
    const contact = host.contactOf(transaction.flow, wantsSecureContact(request));
    const dialog = dialogOfRequest(request, transaction.flow, transaction.localTag, contact);
    super(host, id, new DialogClient(host, dialog));
    this.#transaction = transaction;
    this.client.heard(transaction.flow);
    this.#sequence = sequence(request);
    this.#timer = this.refresher.answer(request) ?? [];
    this.phase = 'early';
    this.noteAllowed(request);
    const offer = sdpOf(request);
    this.#offerless = offer === undefined;
    this.exchange.invited(offer);
    const { headers } = request;
    this.#relRequired = lists(headers, 'Require', '100rel');
    if (this.#relRequired || lists(headers, 'Supported', '100rel'))
      this.#reliable = new ReliableProvisionals(host, transaction, () => this.#onNoPrack());
    transaction.attach({
      onCancel: (cancel) => this.#onCancel(cancel),
      onFailure: (cause, error) => {
        if (cause === 'transport') this.#onBroken(error);
      },
    });
  }

  ring(sdp?: string, offer?: string): void {
    if (this.phase !== 'early' || this.#waitingAnswer !== undefined) return;
    const status = sdp === undefined ? 180 : 183;
    const headers: readonly Header[] = [
      ['Contact', `<${this.dialog.localContact}>`],
      ['Allow', allow],
    ];
    // Once an SDP has gone out reliably, the session is changed by UPDATE only.
    const described = sdp ?? (this.#offerless && this.#reliable !== undefined ? offer : undefined);
    const news = described === undefined || this.#earlySdp !== undefined ? undefined : sdpContent(described);
    // The first reliable response to an INVITE without an offer must make the offer (RFC 3261, section 13.2.1).
    const mayBeReliable = !this.#offerless || news !== undefined || this.#earlySdp !== undefined;
    if (this.#reliable !== undefined && mayBeReliable) {
      if (news !== undefined) this.#noteEarlySdp(described!);
      this.#reliable.send(status, { headers, content: news });
    } else if (!this.#relRequired) {
      this.#transaction.reply(status, { headers, content: news });
    }
    this.#repeatRinging(sdp, offer);
  }

  answer(sdp: string): void {
    if (this.phase !== 'early') return;
    if (this.#reliable?.sdpUnderWay) {
      this.#waitingAnswer = sdp;
      return;
    }
    this.#leaveEarly();
    this.phase = 'established';
    const early = this.#earlySdp;
    const response = this.#transaction.reply(200, {
      headers: [
        ['Contact', `<${this.dialog.localContact}>`],
        ['Allow', allow],
        ['Supported', supported],
        ...this.#timer,
      ],
      content: early === undefined ? sdpContent(sdp) : undefined,
    });
    this.exchange.accepted(early === undefined ? sdp : undefined);
    this.repeatUntilAck(this.#sequence, response, this.#transaction, true);
    this.refresher.restart();
    // What was agreed on early holds until the owner's change is; a refusal of the change leaves it so.
    if (this.exchange.local !== sdp) this.offer(sdp).catch(() => {});
  }

  reject(status: number, reason?: string, retryAfter?: number, warning?: string): void {
    if (this.phase === 'early') {
      this.#refuse(status, reason, retryAfter, warning);
      this.finish(status);
    } else if (!this.over) this.bye(reason);
  }

  override receiveAck(ack: SipRequest): void {
    const early = this.#earlyAnswer;
    this.#earlyAnswer = undefined;
    super.receiveAck(ack, early);
  }

  protected override endBy(reason: string | undefined): void {
    if (this.phase === 'early') this.reject(480, reason);
    else super.endBy(reason);
  }

  /** RFC 3261, section 15.1.2: a BYE on an early dialog ends its INVITE too. */
  protected override receiveBye(request: SipRequest, transaction: ServerTransaction): void {
    if (this.phase !== 'early') {
      super.receiveBye(request, transaction);
      return;
    }
    transaction.reply(200);
    this.#onCancel(request);
  }

  protected override unanswered(): ServerTransaction[] {
    return this.phase === 'early' ? [this.#transaction, ...super.unanswered()] : super.unanswered();
  }

  protected override receivePrack(request: SipRequest, transaction: ServerTransaction): void {
    const rack = parseRAck(request.headers.get('RAck') ?? '');
    if (rack === undefined || this.#reliable === undefined || !this.#reliable.acknowledge(rack)) {
      transaction.reply(481);
      return;
    }
    const sdp = sdpOf(request);
    if (sdp === undefined) transaction.reply(200);
    else if (this.exchange.awaitsAnswerInPrack) {
      transaction.reply(200);
      this.#earlyAnswer = sdp;
      this.exchange.answeredInPrack(sdp);
      // Where the 2xx follows at once, its ACK says the same.
      if (this.#waitingAnswer === undefined) this.emit('agreed', { sdp });
    } else this.exchange.receive(request, transaction, 'PRACK');
    const answer = this.#waitingAnswer;
    this.#waitingAnswer = undefined;
    if (answer !== undefined) this.answer(answer);
  }

  override finish(byeStatus?: number): void {
    this.#leaveEarly();
    super.finish(byeStatus);
  }

  #noteEarlySdp(sdp: string): void {
    this.#earlySdp = sdp;
    this.exchange.describedEarly(sdp);
  }

  #repeatRinging(sdp: string | undefined, offer: string | undefined): void {
    this.host.clock.clear(this.#ringTimer);
    this.#ringTimer = this.host.clock.set(ringEvery, () => this.ring(sdp, offer), undefined);
  }

  #leaveEarly(): void {
    if (this.#ringTimer !== undefined) this.host.clock.clear(this.#ringTimer);
    this.#ringTimer = undefined;
    this.#reliable?.stop();
  }

  #refuse(status: number, reason?: string, retryAfter?: number, warning?: string): void {
    if (!this.#transaction.answered)
      this.#transaction.reply(status, { headers: refusalHeaders(reason, retryAfter, warning) });
  }

  #onCancel(request: SipRequest): void {
    this.#refuse(487);
    this.finish(487);
    this.emit('cancelled', { reason: reasonOf(request) });
  }

  #onNoPrack(): void {
    this.#refuse(504);
    this.finish(504);
    const error = new TandemError('sip.no-prack', { session: this.id });
    this.emit('failed', { code: error.code, message: error.message });
  }

  #onBroken(reason: unknown): void {
    if (this.over) return;
    const error =
      reason instanceof TandemError
        ? reason
        : sendError(this.#transaction.responseFlow, 'the response to its INVITE did not get through');
    this.finish(503);
    this.emit('failed', { code: error.code, message: error.message });
  }
}
