import { CONNECT_INSTEAD_MS } from '../message/index.ts';
import type { Clock, Timer } from './clock.ts';
import type { Flow } from './flow.ts';
import type { Hop } from './hop.ts';
import { transportOf } from './transports.ts';

/** Something that waits for the peer to come back. */
interface Waiting {
  readonly come: () => void;
  readonly timer: Timer;
}

const isSamePlace = (one: Flow, other: Flow): boolean =>
  one.remoteAddress === other.remoteAddress && one.remotePort === other.remotePort;

const placeOf = (host: string, port: number | undefined): string => `${host} ${port}`;

/**
 * The connection over which the peer of a dialog has spoken last. Many peers put the port of their own
 * connection into their Contact, and keep that when they connect again: then nobody listens there, and they are reached
 * over the connection that they have made (RFC 3261, section 18, lets it carry requests both ways; RFC 5626 has flows for
 * the same). Only requests that have the dialog's Call-ID and both tags say where that is, and it is used only in place
 * of one over the same transport to the same address: who knows the tags of a call, and no more, does not get it sent
 * elsewhere.
 */
export class PeerConnection {
  readonly #clock: Clock;
  /** Milliseconds for which a peer is waited for that has gone. */
  readonly #patience: number;
  /** What a request of the peer's in this dialog came over last. */
  #flow: Flow | undefined;
  /** The place in the peer's Contact, where that is, or was, the end of a connection of its own. */
  #own: string | undefined;
  readonly #waiting = new Set<Waiting>();
  #over = false;

  constructor(clock: Clock, patience: number) {
    this.#clock = clock;
    this.#patience = patience;
  }

  /** A request of the peer's in this dialog has come; `hop` is where ours went until now. */
  heard(flow: Flow, hop: Hop): void {
    if (!transportOf(flow.transport).isReliable) return;
    this.#note(hop);
    this.#flow = flow;
    this.#note(hop);
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const { come, timer } of waiting) {
      this.#clock.clear(timer);
      come();
    }
  }

  #note({ host, port }: Hop): void {
    const place = placeOf(host, port);
    if (this.#flow?.accepted && placeOf(this.#flow.remoteAddress, this.#flow.remotePort) === place)
      this.#own = place;
  }

  /** Nobody can be reached at a place, or who was there answers over its own connection. */
  isDeadEnd({ host, port }: Hop): void {
    this.#own = placeOf(host, port);
  }

  /** The flows to a hop with the peer's own connection among them, where it leads to the same address. */
  among(flows: readonly Flow[], hop: Hop): readonly Flow[] {
    const flow = this.#flow;
    if (flow === undefined || flows.some((each) => isSamePlace(each, flow))) return flows;
    const leadsThere = flows.some(
      ({ transport, remoteAddress }) => transport === flow.transport && remoteAddress === flow.remoteAddress,
    );
    if (!leadsThere) return flows;
    const others = flows.map((each): Flow => ({ ...each, connectWithin: CONNECT_INSTEAD_MS }));
    return this.#isOwn(hop) ? [flow, ...others] : [...others, flow];
  }

  /** Whether a flow is the peer's own connection, in place of where its Contact leads. */
  is(flow: Flow): boolean {
    return flow === this.#flow;
  }

  /**
   * Waits for a peer that is reached over connections of its own alone, and has none now, until it speaks in the dialog
   * again: as long as an answer over UDP would be waited for. False when it is no such peer.
   */
  awaitPeer(hop: Hop, come: () => void, gone: () => void): boolean {
    if (this.#over || !this.#isOwn(hop)) return false;
    const waiting: Waiting = {
      come,
      timer: this.#clock.set(
        this.#patience,
        () => {
          this.#waiting.delete(waiting);
          gone();
        },
        undefined,
      ),
    };
    this.#waiting.add(waiting);
    return true;
  }

  /** Nothing waits any more, and whoever does is not told. */
  close(): void {
    this.#over = true;
    for (const { timer } of this.#waiting) this.#clock.clear(timer);
    this.#waiting.clear();
  }

  #isOwn({ host, port }: Hop): boolean {
    return this.#own === placeOf(host, port);
  }
}
