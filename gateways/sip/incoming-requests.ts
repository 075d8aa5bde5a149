import { randomBytes } from 'node:crypto';
import type { Credentials, DigestAlgorithm } from './auth/index.ts';
import { DigestVerifier } from './auth/index.ts';
import type { IncomingInvite, SessionHost } from './dialog/index.ts';
import {
  allow,
  answerAsServer,
  type Capabilities,
  callingParty,
  factsOf,
  IncomingSession,
  partyOf,
  readSessionTimer,
  supported,
} from './dialog/index.ts';
import type { DrawToken, SipRequest } from './message/index.ts';
import { expiresOf, type Header, ownText, sdpOf } from './message/index.ts';
import type { ServerTransaction, Unavailable } from './transaction/index.ts';
import { refusalHeaders } from './transaction/index.ts';
import { GuessLimit } from './transport/index.ts';

/** What callers must prove, and whom of them to believe. */
export interface IncomingOptions {
  /**
   * What a trunk must prove by digest before its requests outside dialogs are served; none, when it need not.
   * The realm is the domain.
   */
  readonly credentialsOf?: (trunk: string | undefined) => readonly Credentials[];
  /** How it may prove that, the better first; by SHA-256 or MD5 when absent. */
  readonly algorithmsOf?: (trunk: string | undefined) => readonly DigestAlgorithm[] | undefined;
  /** Whether to believe a trunk's P-Asserted-Identity; none is believed when absent. */
  readonly trusts?: (trunk: string | undefined) => boolean;
  /** Key of the digest nonces; drawn when absent. Gateways behind one address share it. */
  readonly nonceKey?: Buffer;
  /** What went wrong outside any session's knowledge. */
  readonly log?: (message: string, error: unknown) => void;
}

/** What every request is checked against first. */
export const capabilities: Capabilities = {
  methods: new Set([...allow.split(', '), 'REFER']),
  allow,
  extensions: new Set(supported.split(', ')),
  contentTypes: new Set(['application/sdp', 'application/dtmf-relay', 'application/dtmf']),
};

const optionsHeaders: readonly Header[] = [
  ['Allow', allow],
  ['Accept', 'application/sdp, multipart/mixed'],
  ['Supported', supported],
];

/** Requests outside dialogs: new calls, and questions whether there could be one (RFC 3261, sections 8.2, 11 and 13.3). */
export class IncomingRequests {
  onInvite: ((invite: IncomingInvite) => void) | undefined;
  onOptions: (() => Unavailable | undefined) | undefined;
  readonly counters = { wrongCredentials: 0, heldOffGuesses: 0 };
  readonly #host: SessionHost;
  readonly #options: IncomingOptions;
  readonly #drawToken: DrawToken;
  readonly #verifier: DigestVerifier;
  readonly #guesses = new GuessLimit();

  constructor(host: SessionHost, options: IncomingOptions, realm: string, drawToken: DrawToken) {
    this.#host = host;
    this.#options = options;
    this.#drawToken = drawToken;
    this.#verifier = new DigestVerifier({ realm, key: options.nonceKey ?? randomBytes(32) });
  }

  serve(request: SipRequest, transaction: ServerTransaction): void {
    switch (request.method) {
      case 'INVITE':
        if (this.#mayPass(request, transaction)) this.#serveInvite(request, transaction);
        break;
      case 'OPTIONS':
        this.#serveOptions(transaction);
        break;
      case 'REFER':
        transaction.reply(403, { phrase: 'REFER Outside a Dialog' });
        break;
      default:
        // BYE, INFO, PRACK and UPDATE only make sense within a dialog.
        transaction.reply(481);
    }
  }

  #serveOptions(transaction: ServerTransaction): void {
    const unavailable = this.onOptions?.();
    if (unavailable === undefined) transaction.reply(200, { headers: optionsHeaders });
    else {
      const { reason, retryAfter } = unavailable;
      transaction.reply(503, { headers: [...optionsHeaders, ...refusalHeaders(reason, retryAfter)] });
    }
  }

  /** Max-Forwards and digest. */
  #mayPass(request: SipRequest, transaction: ServerTransaction): boolean {
    if (Number(request.headers.get('Max-Forwards') ?? 70) === 0) {
      transaction.reply(483);
      return false;
    }
    const { flow } = transaction;
    const known = this.#options.credentialsOf?.(flow.trunk) ?? [];
    if (known.length === 0) return true;
    const now = this.#host.clock.now();
    const { remoteAddress: peer } = flow;
    const value = request.headers.get('Authorization');
    const wait = value === undefined ? 0 : this.#guesses.waits(peer, now);
    if (wait > 0) {
      this.counters.heldOffGuesses++;
      const headers = refusalHeaders(undefined, Math.ceil(wait / 1000));
      transaction.reply(403, { phrase: 'Too Many Wrong Credentials', headers });
      return false;
    }
    const algorithms = this.#options.algorithmsOf?.(flow.trunk);
    const verdict = this.#verifier.verify(value, request, peer, now, known, algorithms);
    if (verdict === 'right') return true;
    if (verdict === 'wrong') {
      this.counters.wrongCredentials++;
      this.#guesses.wrong(peer, now);
    }
    const challenges = this.#verifier.challenges(peer, now, verdict === 'stale', algorithms);
    transaction.reply(401, {
      headers: challenges.map((challenge): Header => ['WWW-Authenticate', challenge]),
    });
    return false;
  }

  #serveInvite(request: SipRequest, transaction: ServerTransaction): void {
    if (this.onInvite === undefined) {
      transaction.reply(480);
      return;
    }
    if (answerAsServer(readSessionTimer(request), this.#host.sessionTimer).kind === 'too-small') {
      transaction.reply(422, { headers: [['Min-SE', `${this.#host.sessionTimer.minimum}`]] });
      return;
    }
    transaction.reply(100);
    const { flow } = transaction;
    const trusted = this.#options.trusts?.(flow.trunk) ?? false;
    const caller = callingParty(request, trusted);
    const invite: IncomingInvite = {
      session: new IncomingSession(this.#host, this.#drawToken(), request, transaction),
      flow,
      from: ownText(caller.from),
      facts: factsOf(request, caller, trusted),
      to: ownText(partyOf(request.uri)),
      sdp: sdpOf(request),
      via: ownText(request.headers.all('Via').join(', ')),
      expires: expiresOf(request),
    };
    try {
      this.onInvite(invite);
    } catch (error) {
      this.#options.log?.('The handler of new calls failed.', error);
      invite.session.reject(500);
    }
  }
}
