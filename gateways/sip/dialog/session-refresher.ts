import { isTandemError } from '@tandem/actors/errors';
import type { Dialog } from '@tandem/proto/generated/events.ts';
import type { Header, SipRequest, SipResponse } from '../message/index.ts';
import { lists } from '../message/index.ts';
import type { Clock, Timer } from '../transport/index.ts';
import {
  type AgreedTimer,
  answerAsServer,
  expiryDelay,
  parseMinSe,
  parseSessionExpires,
  type RefreshRequest,
  raiseTo,
  readAnswerAsClient,
  refreshDelay,
  type SessionExpires,
  type SessionTimerPolicy,
  writeSessionExpires,
} from './session-timer.ts';

/** What an INVITE or UPDATE says about the session timer. */
export const readSessionTimer = ({ headers }: SipRequest): RefreshRequest => {
  const sessionExpires = headers.get('Session-Expires');
  const minSe = headers.get('Min-SE');
  return {
    supported: lists(headers, 'Supported', 'timer') || lists(headers, 'Require', 'timer'),
    sessionExpires: sessionExpires === undefined ? undefined : parseSessionExpires(sessionExpires),
    minSe: minSe === undefined ? undefined : parseMinSe(minSe),
  };
};

/** A peer that refreshes has to support the timer (RFC 4028, section 9). */
const answerHeaders = (
  timer: Required<SessionExpires>,
  require = timer.refresher === 'uac',
): readonly Header[] => {
  const header: Header = ['Session-Expires', writeSessionExpires(timer)];
  return require ? [header, ['Require', 'timer']] : [header];
};

/** How long to wait, in ms, before a refresh is tried again that crossed another request. */
const busyDelay = 2000;

/** What is refreshed. */
export interface RefreshedSession {
  readonly host: { readonly clock: Clock };
  readonly dialog: Dialog;
  readonly over: boolean;
  readonly peerAllowsUpdate: boolean;
  readonly exchange: {
    /** The SDP that the peer has of us. */
    readonly local: string | undefined;
    /** Sends an offer, or an UPDATE without one; resolves with the answer. @throws sip.offer-refused, sip.session-over */
    offer(sdp: string | undefined): Promise<string>;
  };
  emit(event: 'refreshed', to: { dialog: Dialog }): void;
  /** Nobody has refreshed the session in time. */
  expired(): void;
}

/** The session timer of one dialog (RFC 4028): refreshes the session, or ends it when the peer does not. */
export class SessionRefresher {
  readonly #session: RefreshedSession;
  #policy: SessionTimerPolicy;
  #agreed: AgreedTimer | undefined;
  /** What we asked for in the request that is under way. */
  #asked: SessionExpires | undefined;
  #timer: Timer;
  #deadline = 0;
  #updateRefused = false;
  #refreshing = false;

  constructor(session: RefreshedSession, policy: SessionTimerPolicy) {
    this.#session = session;
    this.#policy = policy;
  }

  /** Header fields of a request of ours that sets the timer. The first INVITE asks; later ones keep what was agreed. */
  ask(first = false): readonly Header[] {
    const interval = this.#agreed?.interval ?? (first ? this.#policy.interval : undefined);
    if (interval === undefined) {
      this.#asked = undefined;
      return [];
    }
    const refresher = this.#agreed === undefined ? undefined : this.#agreed.weRefresh ? 'uac' : 'uas';
    this.#asked = { interval: Math.max(interval, this.#policy.minimum), refresher };
    return [
      ['Session-Expires', writeSessionExpires(this.#asked)],
      ['Min-SE', `${this.#policy.minimum}`],
    ];
  }

  /** A 422 came to a request of ours. Whether it is worth asking again. */
  raise(response: SipResponse): boolean {
    const minSe = parseMinSe(response.headers.get('Min-SE') ?? '');
    if (minSe === undefined || minSe <= this.#policy.minimum) return false;
    this.#policy = raiseTo(this.#policy, minSe);
    if (this.#agreed !== undefined)
      this.#agreed = { ...this.#agreed, interval: Math.max(this.#agreed.interval, minSe) };
    return true;
  }

  /** A 2xx came to a request of ours that set the timer. */
  answered(response: SipResponse): void {
    const header = response.headers.get('Session-Expires');
    const answer = header === undefined ? undefined : parseSessionExpires(header);
    this.#agreed = readAnswerAsClient(answer, this.#asked, this.#policy);
    this.restart();
  }

  /** The timer that both ends agreed on, if any. */
  get agreed(): AgreedTimer | undefined {
    return this.#agreed;
  }

  /** Goes on with a timer that was agreed on before. */
  takeUp(agreed: AgreedTimer): void {
    this.#agreed = agreed;
    this.restart();
  }

  /** Header fields of a 2xx of ours to the INVITE that set the timer. */
  repeatAnswer(): readonly Header[] {
    return this.#agreed === undefined
      ? []
      : answerHeaders({ interval: this.#agreed.interval, refresher: this.#agreed.weRefresh ? 'uas' : 'uac' });
  }

  /** Header fields of our 2xx to a request of the peer's; undefined when it must be refused with 422. */
  answer(request: SipRequest): readonly Header[] | undefined {
    const answer = answerAsServer(readSessionTimer(request), this.#policy);
    if (answer.kind === 'too-small') return undefined;
    this.#agreed =
      answer.kind === 'none'
        ? undefined
        : { interval: answer.timer.interval, weRefresh: answer.timer.refresher === 'uas' };
    if (answer.kind === 'none') return [];
    return answerHeaders(answer.timer, answer.require);
  }

  /** The session was set up or refreshed just now. */
  restart(): void {
    this.stop();
    if (this.#agreed === undefined || this.#session.over) return;
    const { interval, weRefresh } = this.#agreed;
    const { clock } = this.#session.host;
    this.#deadline = clock.now() + expiryDelay(interval);
    this.#timer = weRefresh
      ? clock.set(refreshDelay(interval), SessionRefresher.#onRefresh, this)
      : clock.set(expiryDelay(interval), SessionRefresher.#onExpiry, this);
  }

  stop(): void {
    if (this.#timer !== undefined) this.#session.host.clock.clear(this.#timer);
    this.#timer = undefined;
  }

  static #onExpiry(self: SessionRefresher): void {
    self.#session.expired();
  }

  static #onRefresh(self: SessionRefresher): void {
    const { clock } = self.#session.host;
    const left = self.#deadline - clock.now();
    if (left <= 0) {
      self.#session.expired();
      return;
    }
    // Until the refresh is answered, its failure is waited for.
    self.#timer = clock.set(Math.min(busyDelay, left), SessionRefresher.#onRefresh, self);
    if (!self.#refreshing) self.#refresh();
  }

  #refresh(): void {
    const session = this.#session;
    if (!this.#mayUpdate && session.exchange.local === undefined) return;
    this.#refreshing = true;
    this.refreshNow().then(
      () => {
        this.#refreshing = false;
        session.emit('refreshed', { dialog: session.dialog });
      },
      () => {
        this.#refreshing = false;
      },
    );
  }

  get #mayUpdate(): boolean {
    return this.#session.peerAllowsUpdate && !this.#updateRefused;
  }

  /**
   * By UPDATE, which carries no SDP; else by a re-INVITE with the SDP that the peer has, unchanged. Resolves with the
   * answer to that.
   */
  async refreshNow(): Promise<string | undefined> {
    const { exchange } = this.#session;
    if (!this.#mayUpdate) return exchange.offer(exchange.local);
    try {
      await exchange.offer(undefined);
      return undefined;
    } catch (error) {
      const status = isTandemError(error, 'sip.offer-refused') ? error.params.status : undefined;
      if (status !== 405 && status !== 501) throw error;
      this.#updateRefused = true;
      return exchange.offer(exchange.local);
    }
  }
}
