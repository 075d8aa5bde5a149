import { TandemError } from '@tandem/actors/errors';
import type { Addressee } from '../locate/index.ts';
import type { SipRequest, SipResponse } from '../message/index.ts';
import { randomToken } from '../message/index.ts';
import type { Flow, Hop } from '../transport/index.ts';
import type { BoundCredentials } from './bound-credentials.ts';
import { answerChallenge, type Challenge, chooseChallenges } from './digest.ts';

/** How often the challenge of one realm is answered for one request: once, and once more when the nonce was too old. */
const MAX_ANSWERS = 2;

/** What is needed of the user agent. */
export interface AuthorizerHost {
  /**
   * Finds the flows to a hop, the first to be tried in front; at once when its host is an IP address. There are none, and
   * why, when it cannot be reached.
   */
  locate(hop: Hop, addressee: Addressee, then: (flows: readonly Flow[], error?: unknown) => void): void;
  /** A challenge was not answered although there are credentials. */
  challengeLeft(why: TandemError): void;
}

/** A challenge, and how often its nonce has been used. */
interface Answer {
  readonly challenge: Challenge;
  count: number;
}

const placeOf = ({ remoteAddress, remotePort }: Flow): string => `${remoteAddress} ${remotePort}`;

/**
 * Answers the challenges to the requests of one INVITE's dialogs: for each realm the newest, in every request from then
 * on (RFC 3261, sections 22.2 and 22.3), but only where the credentials are at home.
 */
export class Authorizer {
  readonly #host: AuthorizerHost;
  readonly #credentials: BoundCredentials;
  /** Where the credentials' host was found. */
  readonly #places = new Set<string>();
  /** By header and realm. */
  readonly #answers = new Map<string, Answer>();

  constructor(host: AuthorizerHost, credentials: BoundCredentials) {
    this.#host = host;
    this.#credentials = credentials;
  }

  /** A hop leads to these places. */
  reached(hop: Hop, flows: readonly Flow[]): void {
    const { home } = this.#credentials;
    if (hop.host.toLowerCase() !== home.host.toLowerCase() || hop.port !== home.port) return;
    for (const flow of flows) this.#places.add(placeOf(flow));
  }

  /**
   * Takes the challenges of a 401 or 407, so that what is sent from now on answers them.
   *
   * @param flow what the refused request went over
   * @param answered how often each realm has been answered for this request
   * @param then whether it is worth sending the request again
   */
  take(
    response: SipResponse,
    flow: Flow,
    answered: Map<string, number>,
    then: (isTaken: boolean) => void,
  ): void {
    if (this.#trusts(flow)) {
      then(this.#learn(response, flow, answered));
      return;
    }
    // A dialog that another process made does not say where the host was found.
    const { home } = this.#credentials;
    // Only trunks have credentials.
    this.#host.locate(home, { trunk: home.host }, (flows) => {
      this.reached(home, flows);
      if (!this.#trusts(flow))
        this.#leave(response, flow, 'the host is not the one that the password is for');
      then(this.#trusts(flow) && this.#learn(response, flow, answered));
    });
  }

  /** Puts the answers into a request, where it goes to whom they are for. */
  authorize(request: SipRequest, flow: Flow): void {
    if (this.#answers.size === 0 || !this.#trusts(flow)) return;
    for (const header of ['Proxy-Authorization', 'Authorization'] as const) {
      for (const answer of this.#answers.values()) {
        if (answer.challenge.header !== header) continue;
        answer.count++;
        request.headers.append(
          header,
          answerChallenge(answer.challenge, this.#credentials, request, answer.count, randomToken(8)),
        );
      }
    }
  }

  #trusts(flow: Flow): boolean {
    return this.#places.has(placeOf(flow)) || this.#credentials.isListed(flow.remoteAddress);
  }

  #learn(response: SipResponse, flow: Flow, answered: Map<string, number>): boolean {
    const challenges =
      response.status === 407
        ? this.#choose(response, 'Proxy-Authenticate', 'Proxy-Authorization')
        : this.#choose(response, 'WWW-Authenticate', 'Authorization');
    if (challenges.length === 0) this.#leave(response, flow, 'there is no algorithm in it that may be used');
    let learned = false;
    for (const challenge of challenges) {
      if (!this.#credentials.areFor(flow.remoteAddress, challenge)) {
        this.#leave(response, flow, `the password is not for the realm ${JSON.stringify(challenge.realm)}`);
        continue;
      }
      const key = `${challenge.header} ${challenge.realm}`;
      const times = answered.get(key) ?? 0;
      // The credentials themselves were refused; a nonce that was too old says nothing about them (RFC 7616, 3.3).
      if (times > 0 && !(challenge.stale && times < MAX_ANSWERS)) return false;
      answered.set(key, times + 1);
      const before = this.#answers.get(key);
      const count = before?.challenge.nonce === challenge.nonce ? before.count : 0;
      this.#answers.set(key, { challenge, count });
      learned = true;
    }
    return learned;
  }

  #choose(
    response: SipResponse,
    from: 'WWW-Authenticate' | 'Proxy-Authenticate',
    header: Challenge['header'],
  ): readonly Challenge[] {
    return chooseChallenges(response.headers.all(from), header, this.#credentials.algorithms);
  }

  #leave({ status }: SipResponse, { remoteAddress }: Flow, detail: string): void {
    this.#host.challengeLeft(
      new TandemError('sip.challenge-not-answered', { status, address: remoteAddress, detail }),
    );
  }
}
