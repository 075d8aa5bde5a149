import { type Rate, TokenBucket } from '@tandem/actors/bounds';
import { TandemError } from '@tandem/actors/errors';
import type { Dialog } from '@tandem/proto/generated/events.ts';
import type { SipRequest, SipResponse } from '../message/index.ts';
import { type Header, phraseOf, sdpContent, sdpOf, sequence } from '../message/index.ts';
import type { ServerTransaction } from '../transaction/index.ts';
import { refusalHeaders } from '../transaction/index.ts';
import type { Flow, Timer } from '../transport/index.ts';
import { refreshTarget } from './dialog.ts';
import type { DialogClient } from './dialog-client.ts';
import { type ExchangeState, glareDelay, mayOffer, untimely } from './offer-answer.ts';
import type { SessionEvents, SessionPhase } from './session.ts';
import type { SessionHost } from './session-host.ts';
import { allow, supported } from './session-host.ts';
import type { SessionRefresher } from './session-refresher.ts';

interface OurOffer {
  /** Absent in a refresh by UPDATE, which changes nothing. */
  readonly sdp?: string;
  readonly resolve: (answer: string) => void;
  readonly reject: (error: TandemError) => void;
  attempts: number;
}

/** Requests of a peer's that carry an offer. */
type Carrier = 'INVITE' | 'UPDATE' | 'PRACK';

interface TheirOffer {
  readonly transaction: ServerTransaction;
  readonly method: Carrier;
  readonly sequence: number;
  readonly sdp?: string;
  readonly timer: readonly Header[];
}

/** How often an offer is sent again after a 491. */
const maxAttempts = 5;

/** How often a peer may change a session: each change is an event of its leg, and work for its media. */
const CHANGES: Rate = { atOnce: 20, perSecond: 1 };

/** Nothing of the first INVITE is under way any more. */
const SETTLED: ExchangeState = {
  inviteOurs: false,
  inviteTheirs: false,
  offerOurs: false,
  offerTheirs: false,
};

/** The descriptions that hold, or that are offered. */
export interface Descriptions {
  readonly local?: string;
  readonly remote?: string;
  /** Whether the peer's is an answer to ours. */
  readonly weOffered?: boolean;
}

/** Whose offers and answers they are. */
export interface ExchangingSession {
  readonly id: string;
  readonly host: Pick<SessionHost, 'clock' | 'random' | 'sessionTimer'>;
  readonly client: DialogClient;
  readonly dialog: Dialog;
  readonly phase: SessionPhase;
  readonly over: boolean;
  readonly refresher: SessionRefresher;
  readonly weMadeCallId: boolean;
  readonly peerAllowsUpdate: boolean;
  listens(event: keyof SessionEvents): boolean;
  emit<E extends keyof SessionEvents>(event: E, ...args: SessionEvents[E]): void;
  /** Offers and answers of this dialog are those that count from now on. */
  turnTo(client: DialogClient): void;
  updateDialog(change: (dialog: Dialog) => Dialog): void;
  /** Our 2xx to the INVITE with this CSeq number has gone out; it is repeated until its ACK comes. */
  repeatUntilAck(number: number, response: SipResponse, invite: ServerTransaction): void;
  /** The peer does not know the dialog any more, or does not answer in it. */
  lost(status: number): void;
}

/** Offers and answers within a dialog: re-INVITE and UPDATE, ours and the peer's (RFC 3261, section 14; RFC 3311). */
export class OfferExchange {
  #local: string | undefined;
  #remote: string | undefined;
  /** The peer's is an answer to ours, and not an offer that ours answers. */
  #weOffered = false;
  /** Our offer went out in a 2xx, and the ACK will have the answer. */
  #awaitsAnswerInAck = false;
  /** The peer's INVITE had no offer: it asks us for one. */
  #asked = false;
  /** What is under way of the INVITE that makes the session. */
  #initial: ExchangeState = SETTLED;
  readonly #session: ExchangingSession;
  #ours: OurOffer | undefined;
  #oursMethod: 'INVITE' | 'UPDATE' | undefined;
  #theirs: TheirOffer | undefined;
  #retry: Timer;
  readonly #changes = new TokenBucket(CHANGES);

  constructor(session: ExchangingSession) {
    this.#session = session;
  }

  /** The SDP that we sent last and that the peer accepted or offered against. */
  get local(): string | undefined {
    return this.#local;
  }

  get remote(): string | undefined {
    return this.#remote;
  }

  /** Our offer went out in a 2xx, and the ACK will have the answer. */
  get awaitsAnswerInAck(): boolean {
    return this.#awaitsAnswerInAck;
  }

  /** Our offer went out in a reliable provisional response, and its PRACK will have the answer. */
  get awaitsAnswerInPrack(): boolean {
    return this.#initial.offerOurs && this.#initial.inviteTheirs;
  }

  /** Another process had the session, and this is what was agreed on in it. */
  restored(agreed: Descriptions): void {
    this.#hold(agreed);
  }

  /** The peer's INVITE has come, with an offer or asking us for one. */
  invited(offer: string | undefined): void {
    this.#asked = offer === undefined;
    this.#remote = offer;
    this.#initial = { ...SETTLED, inviteTheirs: true, offerTheirs: offer !== undefined };
  }

  /** Our SDP has gone out in a reliable provisional response: the answer, or the offer that the INVITE asked for. */
  describedEarly(sdp: string): void {
    this.#local = sdp;
    this.#initial = { ...this.#initial, offerTheirs: false, offerOurs: this.#asked };
  }

  /** A PRACK has the answer to the offer in our provisional response. */
  answeredInPrack(sdp: string): void {
    this.#remote = sdp;
    this.#weOffered = true;
    this.#initial = { ...this.#initial, offerOurs: false };
  }

  /**
   * Our 2xx to the peer's INVITE has gone out, with this SDP unless one was sent early; to an INVITE without an offer it
   * is one.
   */
  accepted(sdp: string | undefined): void {
    if (sdp !== undefined) {
      this.#local = sdp;
      this.#awaitsAnswerInAck = this.#asked;
    }
    this.#initial = SETTLED;
  }

  /** Our 2xx of the process before goes out again, until its ACK comes. */
  acceptedBefore(): void {
    this.#awaitsAnswerInAck = this.#remote === undefined;
  }

  /** Our INVITE goes out with an offer. */
  inviting(offer: string): void {
    this.#local = offer;
    this.#weOffered = true;
    this.#initial = { ...SETTLED, inviteOurs: true, offerOurs: true };
  }

  /** Offers and answers are those of another fork of our INVITE from now on; gives back what the one before agreed on. */
  chooseFork(descriptions: Descriptions): Descriptions {
    const before = { local: this.#local, remote: this.#remote };
    this.#hold(descriptions);
    return before;
  }

  /** Whether the fork that counts has answered our INVITE's offer already: then others may be made. */
  forkAnswered(answered: boolean): void {
    this.#initial = { ...this.#initial, offerOurs: !answered };
  }

  /** The 2xx to our INVITE has come. */
  established(): void {
    this.#initial = SETTLED;
  }

  /** The answer to our INVITE's offer: a reliable provisional response has it, or the 2xx. */
  answered(sdp: string): void {
    this.#remote = sdp;
  }

  #hold({ local, remote, weOffered = false }: Descriptions): void {
    this.#local = local;
    this.#remote = remote;
    this.#weOffered = weOffered;
  }

  get #state(): ExchangeState {
    const initial = this.#initial;
    const sent = this.#oursMethod;
    return {
      inviteOurs: initial.inviteOurs || sent === 'INVITE',
      inviteTheirs: initial.inviteTheirs || this.#theirs?.method === 'INVITE',
      offerOurs: initial.offerOurs || sent !== undefined || this.#awaitsAnswerInAck,
      offerTheirs: initial.offerTheirs || this.#theirs?.sdp !== undefined,
    };
  }

  /** Whether an offer is under way, ours or the peer's, besides those that come with the first INVITE. */
  get busy(): boolean {
    return this.#ours !== undefined || this.#theirs !== undefined;
  }

  /** The peer's request with an offer that is not answered yet. */
  get answering(): ServerTransaction | undefined {
    return this.#theirs?.transaction;
  }

  /** An INVITE or UPDATE of the peer's within the dialog of this client, or a PRACK with an offer. */
  receive(
    request: SipRequest,
    transaction: ServerTransaction,
    method: Carrier,
    client: DialogClient = this.#session.client,
  ): void {
    const sdp = sdpOf(request);
    if (sdp !== undefined && method !== 'INVITE') this.#session.turnTo(client);
    const refusal = untimely(this.#state, method === 'INVITE' ? 'INVITE' : 'UPDATE', sdp !== undefined);
    if (refusal !== undefined) {
      this.#refuse(transaction, refusal);
      return;
    }
    // Before the call is answered, its timer is a matter of the INVITE (RFC 4028, section 7.2).
    const isRefresh = method !== 'PRACK' && this.#session.phase !== 'early';
    const timer = isRefresh ? this.#session.refresher.answer(request) : [];
    if (timer === undefined) {
      transaction.reply(422, { headers: [['Min-SE', `${this.#session.host.sessionTimer.minimum}`]] });
      return;
    }
    const unchanged = sdp !== undefined && sdp === this.#remote && !this.#weOffered;
    const isChange = (method === 'INVITE' || sdp !== undefined) && !unchanged;
    if (isChange && !this.#changes.take(this.#session.host.clock.now())) {
      this.#refuse(transaction, 500);
      return;
    }
    client.dialog = refreshTarget(client.dialog, request, transaction.flow);
    this.#theirs = { transaction, method, sequence: sequence(request), sdp, timer };
    if (method === 'UPDATE' && sdp === undefined) {
      this.accept(undefined);
      return;
    }
    if (method === 'INVITE') {
      transaction.reply(100);
      transaction.attach({ onCancel: () => this.#onCancel(transaction) });
    }
    // A refresh: the session that both have is offered again (RFC 4028, section 7.4).
    // What was an answer is an offer now, which our own offer, wider than what was agreed on, does not answer.
    if (unchanged && this.#local !== undefined) this.accept(this.#local);
    else if (this.#session.listens('offer')) this.#session.emit('offer', { sdp });
    else this.refuse(488);
  }

  /** Accepts the peer's offer with an answer, or makes the offer that it asked for. Too late, it does nothing. */
  accept(sdp: string | undefined): void {
    const theirs = this.#theirs;
    if (theirs === undefined) return;
    this.#theirs = undefined;
    if (sdp !== undefined) this.#local = sdp;
    if (theirs.sdp !== undefined) {
      this.#remote = theirs.sdp;
      this.#weOffered = false;
    }
    const response = theirs.transaction.reply(200, {
      headers: [
        ['Contact', `<${this.#session.dialog.localContact}>`],
        ['Allow', allow],
        ['Supported', supported],
        ...theirs.timer,
      ],
      content: sdp === undefined ? undefined : sdpContent(sdp),
    });
    if (theirs.method !== 'PRACK' && this.#session.phase !== 'early') {
      this.#session.refresher.restart();
      this.#session.emit('refreshed', { dialog: this.#session.dialog });
    }
    if (theirs.method !== 'INVITE') return;
    this.#awaitsAnswerInAck = theirs.sdp === undefined;
    this.#session.repeatUntilAck(theirs.sequence, response, theirs.transaction);
  }

  refuse(status: number, warning?: string): void {
    const theirs = this.#theirs;
    this.#theirs = undefined;
    if (theirs !== undefined) this.#refuse(theirs.transaction, status, warning);
  }

  /** Who comes at a bad moment is told when to come again (RFC 3261, section 14.2; RFC 3311, section 5.2). */
  #refuse(transaction: ServerTransaction, status: number, warning?: string): void {
    const wait = Math.floor(this.#session.host.random() * 11);
    transaction.reply(status, {
      headers: refusalHeaders(undefined, status === 500 ? wait : undefined, warning),
    });
  }

  /** The ACK to a 2xx of ours has come. Returns the answer in it, when our 2xx made the offer. */
  acknowledged(ack: SipRequest): string | undefined {
    if (!this.#awaitsAnswerInAck) return undefined;
    this.#awaitsAnswerInAck = false;
    const sdp = sdpOf(ack);
    if (sdp !== undefined) {
      this.#remote = sdp;
      this.#weOffered = true;
    }
    return sdp;
  }

  offer(sdp: string | undefined): Promise<string> {
    return new Promise((resolve, reject) => this.#offer({ sdp, resolve, reject, attempts: 0 }));
  }

  /** The session is over: what is pending is refused. */
  abort(): void {
    this.#session.host.clock.clear(this.#retry);
    this.refuse(487);
    const ours = this.#ours;
    this.#ours = undefined;
    ours?.reject(new TandemError('sip.session-over', { session: this.#session.id }));
  }

  #onCancel(transaction: ServerTransaction): void {
    if (this.#theirs?.transaction === transaction) this.refuse(487);
  }

  #offer(offer: OurOffer): void {
    const session = this.#session;
    if (session.over) {
      offer.reject(new TandemError('sip.session-over', { session: session.id }));
      return;
    }
    const early = session.phase === 'early';
    const method = early || offer.sdp === undefined ? 'UPDATE' : 'INVITE';
    if (!mayOffer(this.#state, method) || this.#ours !== undefined || (early && !session.peerAllowsUpdate)) {
      this.#refused(offer, 491);
      return;
    }
    this.#ours = offer;
    this.#send(method, offer);
  }

  #send(method: 'INVITE' | 'UPDATE', offer: OurOffer): void {
    const session = this.#session;
    this.#oursMethod = method;
    // Stays with this request, however the session goes on: each 2xx to it must be acknowledged.
    let again: (() => void) | undefined;
    session.client.request(
      method,
      {
        headers: [['Allow', allow], ['Supported', supported], ...session.refresher.ask()],
        content: offer.sdp === undefined ? undefined : sdpContent(offer.sdp),
      },
      {
        isWanted: () => this.#ours === offer,
        onResponse: (response, flow, request) => {
          if (response.status < 200) return;
          if (method === 'INVITE' && response.status < 300) {
            if (again !== undefined) {
              again();
              return;
            }
            session.updateDialog((dialog) => refreshTarget(dialog, response, flow));
            again = session.client.acknowledge(sequence(request));
          }
          this.#onFinal(method, offer, response, flow);
        },
        onFailure: (cause) => {
          this.#oursMethod = undefined;
          if (this.#ours !== offer) return;
          this.#ours = undefined;
          if (cause === 'timeout') session.lost(408);
          this.#refused(offer, cause === 'timeout' ? 408 : 503);
        },
      },
    );
  }

  #onFinal(method: 'INVITE' | 'UPDATE', offer: OurOffer, response: SipResponse, flow: Flow): void {
    const session = this.#session;
    this.#oursMethod = undefined;
    // The session ended while the offer was under way.
    if (this.#ours !== offer) return;
    this.#ours = undefined;
    const { status } = response;
    if (status < 300) {
      if (method === 'UPDATE') session.updateDialog((dialog) => refreshTarget(dialog, response, flow));
      session.refresher.answered(response);
      const answer = sdpOf(response);
      if (offer.sdp !== undefined) {
        this.#local = offer.sdp;
        if (answer !== undefined) {
          this.#remote = answer;
          this.#weOffered = true;
        }
      }
      if (offer.sdp === undefined || answer !== undefined) offer.resolve(answer ?? '');
      else offer.reject(new TandemError('sip.missing-answer', { session: session.id }));
      return;
    }
    if (status === 491 && ++offer.attempts < maxAttempts) {
      this.#ours = offer;
      const delay = glareDelay(session.weMadeCallId, session.host.random());
      this.#retry = session.host.clock.set(delay, () => this.#again(method, offer), undefined);
      return;
    }
    if (status === 422 && session.refresher.raise(response) && ++offer.attempts < maxAttempts) {
      this.#ours = offer;
      this.#send(method, offer);
      return;
    }
    // RFC 3261, section 12.2.1.2: the peer has no such dialog any more.
    if (status === 481 || status === 408) session.lost(status);
    this.#refused(offer, status, response.phrase);
  }

  #again(method: 'INVITE' | 'UPDATE', offer: OurOffer): void {
    if (this.#ours !== offer) return;
    if (mayOffer(this.#state, method)) {
      this.#send(method, offer);
      return;
    }
    this.#ours = undefined;
    this.#refused(offer, 491);
  }

  #refused(offer: OurOffer, status: number, phrase = phraseOf(status)): void {
    offer.reject(new TandemError('sip.offer-refused', { session: this.#session.id, status, phrase }));
  }
}
