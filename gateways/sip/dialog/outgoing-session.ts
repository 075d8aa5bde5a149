import { TokenBucket } from '@tandem/actors/bounds';
import { TandemError } from '@tandem/actors/errors';
import type { SipRequest, SipResponse } from '../message/index.ts';
import {
  buildCancel,
  callId,
  fromTag,
  type Header,
  phraseOf,
  reasonHeader,
  sdpContent,
  sdpOf,
  sequence,
  toTag,
} from '../message/index.ts';
import type { ClientTransaction, ServerTransaction } from '../transaction/index.ts';
import { patience } from '../transaction/index.ts';
import type { Flow, Timer } from '../transport/index.ts';
import { defaultPort, sendErrorTo, usualTransport } from '../transport/index.ts';
import { dialogOfResponse, hasUnusableContact, pathOf } from './dialog.ts';
import type { DialogClient } from './dialog-client.ts';
import { InviteSession } from './invite-session.ts';
import { isNext, reliableSequence } from './reliable-provisional.ts';
import type { ClientSession } from './session.ts';
import { allow, type SessionHost, supported } from './session-host.ts';

/** How long a peer may ring when nobody says otherwise, in ms: what proxies wait (timer C of RFC 3261, section 16.6). */
const ringLimit = 180_000;

/**
 * How many dialogs one INVITE may make: as many ring, and as many answer. Of further branches nothing is heard, but for
 * the first answer of all.
 */
const maxForks = 16;

/** How often the INVITE is sent again because the peer wants a longer session interval. */
const maxRaises = 3;

/** Provisional responses that the owner is told of: 8 at once, and one more a second. */
const PROGRESSES = { atOnce: 8, perSecond: 1 };

/** One of the dialogs that a forked INVITE makes. */
interface Fork {
  readonly client: DialogClient;
  /** RSeq of the last reliable provisional response. */
  reliable?: number;
  /** The SDP of a provisional response. */
  sdp?: string;
  /** A reliable one has had it, so that it is the answer (RFC 3261, section 13.2.1). */
  answered?: boolean;
  /** What was agreed on in it, as long as another fork's offers and answers count. */
  local?: string;
  remote?: string;
  /** The peer has said BYE in it. */
  gone?: boolean;
  /** Sends the ACK to the fork's 2xx again. */
  acknowledge?: () => void;
}

export interface OutgoingOptions {
  readonly sdp: string;
  /** ms */
  readonly timeout?: number;
  readonly headers?: readonly Header[];
  readonly maxForwards?: number;
}

/** A session that we invited the peer to (RFC 3261, sections 13.2 and 9.1). */
export class OutgoingSession extends InviteSession implements ClientSession {
  readonly #options: OutgoingOptions;
  /** Sends the INVITE; the dialogs that it makes have senders of their own. */
  readonly #inviter: DialogClient;
  readonly #forks = new Map<string, Fork>();
  /** The one whose offers and answers count. */
  #current: Fork | undefined;
  /** How many forks have answered. */
  #answers = 0;
  #transaction: ClientTransaction | undefined;
  /** Status to report when the INVITE has ended after our CANCEL. */
  #cancelled: { readonly status: number; readonly reason: string | undefined } | undefined;
  #provisional = false;
  #cancelSent = false;
  #raises = 0;
  /** The last provisional response that the owner was told of. */
  #said: string | undefined;
  readonly #progresses = new TokenBucket(PROGRESSES);
  #timer: Timer;

  constructor(host: SessionHost, id: string, client: DialogClient, options: OutgoingOptions) {
    super(host, id, client);
    this.#inviter = client;
    this.#options = options;
    this.phase = 'early';
    this.weMadeCallId = true;
    this.exchange.inviting(options.sdp);
    this.#timer = host.clock.set(options.timeout ?? ringLimit, () => this.#stop(408, undefined), undefined);
  }

  /** Sends the INVITE. */
  start(): void {
    if (this.phase !== 'early') return;
    if (this.#cancelled !== undefined) {
      this.#stopped(this.#cancelled.status);
      return;
    }
    this.#provisional = false;
    this.#cancelSent = false;
    const { sdp, headers = [], maxForwards } = this.#options;
    this.#inviter.request(
      'INVITE',
      {
        headers: [['Allow', allow], ['Supported', supported], ...this.refresher.ask(true), ...headers],
        content: sdpContent(sdp),
        maxForwards,
      },
      {
        onSent: (transaction) => {
          this.#transaction = transaction;
          this.#provisional = false;
          this.emit('sent', {
            dialog: this.#inviter.dialog,
            via: transaction.request.headers.get('Via')!,
          });
        },
        isWanted: () => this.#cancelled === undefined,
        onResponse: (response, flow, request) => this.#onResponse(response, flow, request),
        onFailure: (cause, error) => this.#onFailure(cause, error),
      },
    );
  }

  cancel(reason?: string): void {
    if (this.phase === 'early') this.#stop(487, reason);
    else if (!this.over) this.bye(reason);
  }

  /** A CANCEL may only follow a provisional response (RFC 3261, section 9.1); it does should one come after all. */
  abandon(): void {
    if (this.phase !== 'early' || this.#provisional || this.#cancelled !== undefined) return;
    this.#cancelled = { status: 408, reason: undefined };
    this.#transaction?.takeUp();
    const { code, message } = new TandemError('sip.no-reply', { uri: this.dialog.remoteTarget });
    this.finish(408);
    this.emit('failed', { code, message });
  }

  /** 2xx repeated so late that its transaction is over. */
  override receiveStray(response: SipResponse): void {
    if (callId(response) !== this.#inviter.dialog.callId) return;
    this.#forks.get(toTag(response) ?? '')?.acknowledge?.();
  }

  override isPeerTag(tag: string): boolean {
    if (this.phase !== 'early') return super.isPeerTag(tag);
    const fork = this.#forks.get(tag);
    return fork !== undefined && !fork.gone;
  }

  override turnTo(client: DialogClient): void {
    const fork = this.#forks.get(client.dialog.remoteTag);
    if (this.phase === 'early' && fork !== undefined && !this.exchange.busy) this.#turnTo(fork);
  }

  override finish(byeStatus?: number): void {
    this.#clearTimer();
    super.finish(byeStatus);
  }

  protected override endBy(reason: string | undefined): void {
    if (this.phase === 'early') this.cancel(reason);
    else super.endBy(reason);
  }

  /** A callee must not send BYE before its answer; one that does is gone all the same, and the call when none is left. */
  protected override receiveBye(request: SipRequest, transaction: ServerTransaction): void {
    if (this.phase !== 'early') {
      super.receiveBye(request, transaction);
      return;
    }
    transaction.reply(200);
    this.#forks.get(fromTag(request) ?? '')!.gone = true;
    if ([...this.#forks.values()].every(({ gone }) => gone)) this.#stop(487, undefined);
  }

  /** Each early dialog counts its peer's requests for itself (RFC 3261, section 12.2.2). */
  protected override clientOf(request: SipRequest): DialogClient {
    const fork = this.phase === 'early' ? this.#forks.get(fromTag(request) ?? '') : undefined;
    return fork?.client ?? super.clientOf(request);
  }

  #onResponse(response: SipResponse, flow: Flow, request: SipRequest): void {
    if (response.status < 200) this.#onProvisional(response, flow, request);
    else if (response.status < 300) this.#onSuccess(response, flow, request);
    else this.#onRefusal(response);
  }

  #onProvisional(response: SipResponse, flow: Flow, request: SipRequest): void {
    this.#provisional = true;
    if (this.#cancelled !== undefined) {
      this.#sendCancel();
      return;
    }
    if (response.status === 100 || this.phase !== 'early') return;
    let sdp = sdpOf(response);
    const fork = this.#forkOf(response, flow, request);
    if (fork?.gone) return;
    if (fork !== undefined) {
      const reliable = reliableSequence(response);
      if (reliable !== undefined) {
        if (!isNext(fork.reliable, reliable)) return;
        fork.reliable = reliable;
        this.#acknowledgeProvisional(fork, reliable, sequence(request));
        if (sdp !== undefined && !fork.answered) {
          fork.answered = true;
          fork.sdp = sdp;
          if (fork === this.#current) this.exchange.answered(sdp);
          else fork.remote = sdp;
        }
      }
      fork.sdp ??= sdp;
      if (!this.exchange.busy) this.#turnTo(fork);
      this.noteAllowed(response);
      // What the first answer said holds no more.
      if (this.#isChanged(fork)) sdp = undefined;
    }
    this.#tellProgress(response, sdp);
  }

  /** The owner stores what it is told, and a callee may say any number of things while it rings. */
  #tellProgress({ status, phrase }: SipResponse, sdp: string | undefined): void {
    const said = `${status} ${sdp ?? ''}`;
    if (said === this.#said || !this.#progresses.take(this.host.clock.now())) return;
    this.#said = said;
    this.emit('progress', { status, phrase, sdp });
  }

  #acknowledgeProvisional(fork: Fork, reliable: number, invite: number): void {
    fork.client.request(
      'PRACK',
      { headers: [['RAck', `${reliable} ${invite} INVITE`]] },
      { onResponse: () => {}, onFailure: () => {} },
    );
  }

  #onSuccess(response: SipResponse, flow: Flow, request: SipRequest): void {
    const tag = toTag(response) ?? '';
    const known = this.#forks.get(tag);
    if (known?.acknowledge !== undefined) {
      known.acknowledge();
      return;
    }
    // Each answer costs an ACK and a BYE for as long as they may be lost, and the peer can make any number of them.
    if (this.#answers >= maxForks) return;
    this.#answers++;
    const fork: Fork = known ?? { client: this.#inviter.fork(this.#dialogOf(response, flow, request)) };
    this.#forks.set(tag, fork);
    // The 2xx says where the peer is now (RFC 3261, section 13.2.2.4).
    const { localSeq, remoteSeq } = fork.client.dialog;
    fork.client.dialog = { ...this.#dialogOf(response, flow, request), localSeq, remoteSeq };
    fork.acknowledge = fork.client.acknowledge(sequence(request));
    if (this.phase !== 'early' || this.#cancelled !== undefined || fork.gone) this.#endFork(fork);
    else this.#establish(fork, response);
    if (this.phase === 'early' && this.#cancelled !== undefined) this.#stopped(this.#cancelled.status);
  }

  #establish(fork: Fork, response: SipResponse): void {
    this.#clearTimer();
    // Only a CANCEL would need the INVITE, and a call may last for hours.
    this.#transaction = undefined;
    // What a fork offered that has lost concerns nobody any more.
    if (fork !== this.#current) this.exchange.refuse(481);
    this.#turnTo(fork);
    this.phase = 'established';
    this.exchange.established();
    // After a reliable answer and offers since, this says nothing new (RFC 6337, section 3.1.1).
    const sdp = this.#isChanged(fork) ? this.exchange.remote : (sdpOf(response) ?? fork.sdp);
    this.#current = undefined;
    for (const other of this.#forks.values()) {
      other.sdp = undefined;
      other.local = undefined;
      other.remote = undefined;
    }
    if (hasUnusableContact(response)) {
      this.endWith(new TandemError('sip.unusable-contact', { session: this.id }));
      return;
    }
    if (sdp === undefined) {
      this.endWith(new TandemError('sip.missing-answer', { session: this.id }));
      return;
    }
    this.exchange.answered(sdp);
    this.noteAllowed(response);
    this.refresher.answered(response);
    this.emit('answered', { sdp, dialog: this.dialog });
  }

  /** Offers and answers of this fork are those that count from now on; what the one before agreed on is kept. */
  #turnTo(fork: Fork): void {
    const { exchange } = this;
    if (fork !== this.#current) {
      const { sdp } = this.#options;
      const { local = sdp, remote } = fork;
      const before = exchange.chooseFork({ local, remote, weOffered: local === sdp });
      if (this.#current !== undefined) Object.assign(this.#current, before);
      this.client = fork.client;
      this.#current = fork;
    }
    exchange.forkAnswered(fork.answered === true);
  }

  /** Whether offers were made and answered in a fork since its first answer. */
  #isChanged(fork: Fork): boolean {
    const local = fork === this.#current ? this.exchange.local : fork.local;
    return local !== undefined && local !== this.#options.sdp;
  }

  #clearTimer(): void {
    this.host.clock.clear(this.#timer);
    this.#timer = undefined;
  }

  /** An answer that nobody waits for any more: of another branch, or one that crossed our CANCEL. */
  #endFork(fork: Fork): void {
    const reason = this.#cancelled?.reason;
    fork.client.close();
    fork.client.request(
      'BYE',
      { headers: reasonHeader(reason) },
      { onResponse: () => {}, onFailure: () => {} },
    );
  }

  #onRefusal(response: SipResponse): void {
    if (this.phase !== 'early') return;
    const { status, phrase } = response;
    if (this.#cancelled !== undefined) {
      this.#stopped(this.#cancelled.status === 408 ? 408 : status);
      return;
    }
    if (status === 422 && this.refresher.raise(response) && ++this.#raises <= maxRaises) {
      this.start();
      return;
    }
    const seconds = Number.parseInt(response.headers.get('Retry-After') ?? '', 10);
    this.finish(status);
    this.emit('refused', { status, phrase, retryAfter: Number.isNaN(seconds) ? undefined : seconds });
  }

  #onFailure(cause: 'timeout' | 'transport', reason: unknown): void {
    if (this.phase !== 'early') return;
    if (this.#cancelled !== undefined) {
      this.#stopped(this.#cancelled.status);
      return;
    }
    const { dialog } = this.#inviter;
    const {
      transport = usualTransport.name,
      host: address,
      port = defaultPort(transport),
    } = pathOf(dialog).hop;
    const error =
      cause === 'timeout'
        ? new TandemError('sip.timeout', { method: 'INVITE', uri: dialog.remoteTarget })
        : reason instanceof TandemError
          ? reason
          : sendErrorTo({ transport, address, port }, reason ?? 'the INVITE did not get out');
    this.finish(cause === 'timeout' ? 408 : 503);
    this.emit('failed', { code: error.code, message: error.message });
  }

  /** Gives the INVITE up: CANCEL as soon as the peer has shown that it knows it (RFC 3261, section 9.1). */
  #stop(status: number, reason: string | undefined): void {
    if (this.#cancelled !== undefined || this.phase !== 'early') return;
    this.#cancelled = { status, reason };
    this.host.clock.clear(this.#timer);
    // A peer that answers the CANCEL but never the INVITE is not waited for.
    this.#timer = this.host.clock.set(patience(this.host.timers), () => this.#stopped(status), undefined);
    if (this.#provisional) this.#sendCancel();
  }

  #sendCancel(): void {
    const transaction = this.#transaction;
    if (this.#cancelSent || transaction === undefined) return;
    this.#cancelSent = true;
    const cancel = buildCancel(transaction.request, reasonHeader(this.#cancelled?.reason));
    this.host.transactions.request(cancel, transaction.flow, { onResponse: () => {}, onFailure: () => {} });
  }

  #stopped(status: number): void {
    if (this.phase !== 'early') return;
    this.finish(status);
    this.emit('refused', { status, phrase: phraseOf(status) });
  }

  #dialogOf(response: SipResponse, flow: Flow, request: SipRequest) {
    return dialogOfResponse(request, response, flow, this.#inviter.dialog.localContact);
  }

  #forkOf(response: SipResponse, flow: Flow, request: SipRequest): Fork | undefined {
    const tag = toTag(response);
    if (tag === undefined || callId(response) !== callId(request)) return undefined;
    const known = this.#forks.get(tag);
    if (known !== undefined || this.#forks.size >= maxForks) return known;
    const fork: Fork = { client: this.#inviter.fork(this.#dialogOf(response, flow, request)) };
    this.#forks.set(tag, fork);
    return fork;
  }
}
