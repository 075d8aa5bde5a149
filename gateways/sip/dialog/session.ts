import type { CallFacts, Dialog } from '@tandem/proto/generated/events.ts';
import type { BoundCredentials, Credentials } from '../auth/index.ts';
import type { Header } from '../message/index.ts';
import type { Unavailable } from '../transaction/index.ts';
import type { Flow } from '../transport/index.ts';

/**
 * `early`: the INVITE is under way. `established`: it has been answered. `ending`: our BYE is under way, or waits for
 * the ACK. `over`: nothing more comes of it.
 */
export type SessionPhase = 'early' | 'established' | 'ending' | 'over';

/** What a session tells its owner. Each event is emitted at most as often as the peer makes it happen. */
export interface SessionEvents {
  /** Our INVITE has gone out, under this Via and with these identifiers: enough to take it back (`UserAgent.withdraw`). */
  sent: [invite: { dialog: Dialog; via: string }];
  /** A 1xx other than 100, to an INVITE of ours. */
  progress: [progress: { status: number; phrase: string; sdp?: string }];
  /** A 2xx to our INVITE; the ACK has been sent. */
  answered: [answer: { sdp: string; dialog: Dialog }];
  /** A final refusal of our INVITE (3xx to 6xx); the session is over. */
  refused: [refusal: { status: number; phrase: string; retryAfter?: number }];
  /** The peer's ACK to our 2xx; `sdp` is the answer when we made the offer. */
  confirmed: [ack: { sdp?: string }];
  /** The peer's PRACK has the answer to our offer in a provisional response; our 2xx has not been sent. */
  agreed: [answer: { sdp: string }];
  /** The peer cancelled its INVITE; 487 has been sent and the session is over. `reason`: its Reason header. */
  cancelled: [by: { reason?: string }];
  /** The peer said BYE; 200 has been sent and the session is over. */
  ended: [by: { reason?: string }];
  /** The session is over for a cause of its own: timeout, broken transport, no ACK, expired session timer. */
  failed: [error: { code: string; message: string; status?: number }];
  /** The session was refreshed, by us or by the peer, and no offer was made that its owner had to answer. */
  refreshed: [to: { dialog: Dialog }];
  /**
   * The peer offers a changed session (re-INVITE, or UPDATE); the owner calls `acceptOffer` or `refuseOffer`.
   * `sdp` is absent when the peer asks us for an offer.
   */
  offer: [offer: { sdp?: string }];
  /** DTMF in an INFO (application/dtmf-relay or application/dtmf); 200 has been sent. Duration in ms. */
  digit: [digit: { digit: string; duration: number }];
  /** The peer asks us to call somebody else (RFC 3515); 202 or a refusal is sent by the owner's answer. */
  refer: [
    refer: { referTo: string; referredBy?: string; accept: () => void; refuse: (status: number) => void },
  ];
}

/** Who is told what a session tells; what it has no method for it is not told. */
export type SessionListener = {
  [E in keyof SessionEvents]?: (...args: SessionEvents[E]) => void;
};

/** One INVITE dialog: our half of one leg. Its owner is who created or accepted it, until it is over. */
export interface DialogSession {
  readonly id: string;
  /** The dialog as it stands, to be stored (RFC 3261, section 12). */
  readonly dialog: Dialog;
  readonly over: boolean;

  /** Forgets an established session; nothing is said to the peer. */
  drop(): void;
  /**
   * Ends the session; resolves with the status of the BYE's answer, 408 when none came. One that is not established yet
   * is rejected with 480 when the peer invited us, and cancelled when we invited the peer.
   */
  bye(reason?: string): Promise<number>;

  /** Answers the peer's offer, or makes the offer that it asked for. */
  acceptOffer(sdp: string): void;
  /** `warning` becomes a Warning header (RFC 3261, section 20.43). */
  refuseOffer(status: number, warning?: string): void;
  /** Sends an offer of ours (re-INVITE); resolves with the answer. @throws sip.offer-refused, sip.session-over */
  offer(sdp: string): Promise<string>;
  /**
   * Refreshes the session without a change, which tells whether the peer is there: by UPDATE when it takes that, else by
   * a re-INVITE with the SDP that it has; resolves with the answer to that. A peer that does not know the dialog any more
   * ends the session. @throws sip.offer-refused, sip.session-over
   */
  refresh(): Promise<string | undefined>;

  /** Sends DTMF in an INFO (application/dtmf-relay). Duration in ms. */
  sendDigit(digit: string, duration: number): void;

  /** Tells all events to one listener, before those that were added one by one. */
  listen(listener: SessionListener): this;
  on<E extends keyof SessionEvents>(event: E, listener: (...args: SessionEvents[E]) => void): this;
  off<E extends keyof SessionEvents>(event: E, listener: (...args: SessionEvents[E]) => void): this;
}

/** A session that the peer invited us to (RFC 3261, section 13.3). */
export interface ServerSession extends DialogSession {
  /**
   * Sends 180, or 183 with the SDP; reliably when the peer requires or supports 100rel (RFC 3262). A peer that
   * made no offer gets `offer` with the first reliable response, and answers it in its PRACK (RFC 3262, section 5).
   */
  ring(sdp?: string, offer?: string): void;
  /** Sends 200 with the SDP until the ACK comes. */
  answer(sdp: string): void;
  /** Refuses with a status of 300 to 699. `reason` becomes a Reason header (RFC 3326), `retryAfter` (seconds) a Retry-After, `warning` a Warning. */
  reject(status: number, reason?: string, retryAfter?: number, warning?: string): void;
}

/** A session that we invited the peer to (RFC 3261, sections 13.2 and 9.1). */
export interface ClientSession extends DialogSession {
  /** CANCEL before the answer; an answer that crosses it is acknowledged and ended. */
  cancel(reason?: string): void;
  /**
   * Gives an INVITE up to which no answer came at all, and fails; otherwise does nothing. One that is heard of
   * later is cancelled, and an answer acknowledged and ended.
   */
  abandon(): void;
}

/** A new inbound session. Nothing but 100 has been sent to the peer. */
export interface IncomingInvite {
  readonly session: ServerSession;
  readonly flow: Flow;
  /**
   * Calling party: the user part of the From (or P-Asserted-Identity of a trusted trunk) when it is a number, else the
   * URI; `anonymous` when the caller withholds it (RFC 3323).
   */
  readonly from: string;
  /** Called party, from the Request-URI, in the same form. */
  readonly to: string;
  /** The peer's offer; absent when it asks us to offer. */
  readonly sdp?: string;
  /** What else the INVITE says of the call. */
  readonly facts: CallFacts;
  /** The INVITE's Via fields, with the dialog enough to refuse it later (see `UserAgent.refuse`). */
  readonly via: string;
  /** Seconds within which the caller wants an answer (RFC 3261, sections 13.3.1 and 20.19). */
  readonly expires?: number;
}

/** What else is to be known of a dialog that is taken up. */
export interface TakenUp {
  /** Whether the INVITE that made it was ours. */
  readonly outbound: boolean;
  /** For 401 and 407. */
  readonly credentials?: OutgoingInvite['credentials'];
  /** The descriptions that hold: ours, and the peer's. */
  readonly local?: string;
  readonly remote?: string;
  /** Whether the peer's is an answer to ours. */
  readonly weOffered?: boolean;
  /**
   * Via fields of the peer's INVITE when its acknowledgement of our 200 has not been seen: the 200, with `local`, is
   * then sent until it comes (RFC 3261, section 13.3.1.4).
   */
  readonly unacknowledged?: string;
}

export interface OutgoingInvite {
  /** The owner's name for the session. */
  readonly id: string;
  /** Request-URI, such as `sip:+15550100@192.0.2.1:5060;transport=tcp`. */
  readonly uri: string;
  /** Calling party: number or SIP URI; `anonymous` names nobody. */
  readonly from: string;
  /** What else the INVITE says of the call; `withheld` only for a peer that is trusted to keep it to itself (RFC 3325). */
  readonly facts?: CallFacts;
  readonly sdp: string;
  /** Further header fields. */
  readonly headers?: readonly Header[];
  /** Where to send it, when not to where the URI points. */
  readonly proxy?: { readonly transport: Flow['transport']; readonly address: string; readonly port: number };
  /** The trunk that the call goes over; none towards a SIP URI of anybody's. */
  readonly trunk?: string;
  /** For 401 and 407. */
  readonly credentials?: Credentials | BoundCredentials;
  /** Milliseconds that the peer may ring before the INVITE is cancelled and refused with 408. */
  readonly timeout?: number;
}

/** What a user agent refused. */
export interface AgentCounters {
  /** Requests whose credentials were wrong. */
  readonly wrongCredentials: number;
  /** Requests with credentials that were not looked at, because too many of their source had been wrong. */
  readonly heldOffGuesses: number;
}

/** The SIP user agent of a gateway: sessions above transactions above transports. */
export interface UserAgent {
  /** The handler for new calls; each must be answered, rejected or cancelled. */
  onInvite(handler: (invite: IncomingInvite) => void): void;
  /**
   * Who says whether a new call is taken from a flow, to a called party as `IncomingInvite.to` says it. One that is not
   * is refused with 503, and nothing is kept of it: no transaction, no session. Asked for each INVITE, before its
   * credentials are looked at.
   */
  onAdmission(handler: (flow: Flow, to: string) => Unavailable | undefined): void;
  /**
   * Who says whether a new call could be taken: OPTIONS are answered as an INVITE would be (RFC 3261, section 11.2),
   * with 200 or 503.
   */
  onOptions(handler: () => Unavailable | undefined): void;
  /** Milliseconds for which what peers send over UDP has not been read up. */
  readonly backlog: number;
  /** Sends an INVITE; everything that follows comes as events of the session. */
  invite(invite: OutgoingInvite): ClientSession;
  /**
   * Takes up a dialog that another process had and in which our answer, or the peer's, was sent. Its CSeq must be ahead
   * of all that was sent.
   */
  restore(id: string, dialog: Dialog, more?: TakenUp): DialogSession;
  /**
   * Asks with OPTIONS whether whoever is at a SIP URI is there: the status of the final answer, 408 when none came and
   * 503 when there is no way there (RFC 3261, section 11).
   *
   * @throws sip.malformed, sip.agent-closed
   */
  ask(uri: string, trunk?: string): Promise<number>;
  /** Takes an INVITE back that another process sent; an answer that comes all the same is acknowledged and hung up. */
  withdraw(invite: { dialog: Dialog; via: string }, reason?: string): void;
  /** Refuses an INVITE that another process took and did not answer, until the peer acknowledges it. */
  refuse(dialog: Dialog, via: string, status: number, reason?: string): void;
  /** Hears what has come, when it was made to wait with that until the dialogs of the process before are taken up. */
  hear(): void;
  /** What was refused since the start, for want of the credentials that a trunk must have. All only grow. */
  readonly counters: Readonly<AgentCounters>;
  /** Our URIs, one a transport: `sip:192.0.2.1:5060;transport=udp`. */
  readonly addresses: readonly string[];
  /** Stops taking calls and closes transports, timers and sessions. */
  close(): Promise<void>;
}
