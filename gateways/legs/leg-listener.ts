import { evenly, TokenBucket } from '@tandem/actors/bounds';
import type { Message } from '@tandem/actors/runtime';
import type { Messages } from '@tandem/proto/generated/events.ts';
import type { RemoteMedia } from '../media/index.ts';
import { KEYS_PER_SECOND } from '../media/index.ts';
import type { DialogSession, SessionEvents, SessionListener } from '../sip/index.ts';

/** What a leg's listener needs of its gateway. */
export interface ListeningGateway {
  /** Tells a leg what happened to it. */
  tell(legId: string, message: Message): void;
  /** The endpoint of a leg pressed a key. */
  pressed(legId: string, key: Messages['DigitReceived']): void;
  /** An INVITE of a leg went out to this host. */
  sentTo(legId: string, host: string): void;
  /** What a peer's answer to our offer chose, if it is an answer to one of this process. */
  agreedBy(legId: string, answer: string): RemoteMedia | undefined;
  /** The peer changes the session: hold, a new address, another codec. */
  reoffered(legId: string, session: DialogSession, offer: string | undefined): void;
}

type Told<E extends keyof SessionEvents> = SessionEvents[E][0];

/** Makes a leg's events of what its SIP session tells. */
export class LegListener implements SessionListener {
  readonly #gateway: ListeningGateway;
  readonly #legId: string;
  readonly #session: DialogSession;
  readonly #route: number;
  readonly #keyRate = new TokenBucket(evenly(KEYS_PER_SECOND));

  /** @param route index of the route that the session is on */
  constructor(gateway: ListeningGateway, legId: string, session: DialogSession, route: number) {
    this.#gateway = gateway;
    this.#legId = legId;
    this.#session = session;
    this.#route = route;
  }

  sent(data: Told<'sent'>): void {
    this.#gateway.sentTo(this.#legId, data.dialog.peerAddress);
    this.#tell({ type: 'InviteSent', data: { ...data, route: this.#route } });
  }

  refreshed(data: Told<'refreshed'>): void {
    this.#tell({ type: 'SessionRefreshed', data });
  }

  progress(data: Told<'progress'>): void {
    this.#tell({ type: 'ProgressReceived', data });
  }

  answered(answer: Told<'answered'>): void {
    const codec = this.#gateway.agreedBy(this.#legId, answer.sdp)?.codec;
    const data = { ...answer, route: this.#route, ...(codec !== undefined && { codec }) };
    this.#tell({ type: 'AnswerReceived', data });
  }

  refused({ status, phrase }: Told<'refused'>): void {
    this.#tell({ type: 'RefusalReceived', data: { status, phrase, route: this.#route } });
  }

  agreed(data: Told<'agreed'>): void {
    this.confirmed(data);
  }

  confirmed({ sdp }: Told<'confirmed'>): void {
    const direction = sdp === undefined ? undefined : this.#gateway.agreedBy(this.#legId, sdp)?.direction;
    const data = { ...(sdp !== undefined && { sdp }), ...(direction !== undefined && { direction }) };
    this.#tell({ type: 'AnswerConfirmed', data });
  }

  cancelled(data: Told<'cancelled'>): void {
    this.#tell({ type: 'CancelReceived', data });
  }

  ended(data: Told<'ended'>): void {
    this.#tell({ type: 'ByeReceived', data });
  }

  failed(data: Told<'failed'>): void {
    this.#tell({ type: 'DialogFailed', data });
  }

  /** Each is an event that is kept: a peer that sends more than can be pressed is not heard with the rest. */
  digit({ digit, duration }: Told<'digit'>): void {
    if (!this.#keyRate.take(performance.now())) return;
    this.#gateway.pressed(this.#legId, { digit, duration, source: 'info' });
  }

  offer({ sdp }: Told<'offer'>): void {
    this.#gateway.reoffered(this.#legId, this.#session, sdp);
  }

  /** Transfers are for a later service; a clear no is better than silence. */
  refer({ refuse }: Told<'refer'>): void {
    refuse(603);
  }

  #tell(message: Message): void {
    this.#gateway.tell(this.#legId, message);
  }
}
