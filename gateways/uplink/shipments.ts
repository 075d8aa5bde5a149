import type { ShippedEvent } from '@tandem/actors/link';
import { limits } from '@tandem/actors/peers';
import type { Position } from '@tandem/actors/stores/event-store';

/** What each lane has to keep within (see `limits`), and all of them together. */
export type ShipmentLimits = Record<
  'batchEvents' | 'batchBytes' | 'windowEvents' | 'windowBytes' | 'shippingEvents' | 'shippingBytes',
  number
>;

/** An event between the journal and the acknowledgement of its router. */
interface Shipment<Call> {
  readonly event: ShippedEvent;
  readonly call: Call;
  /** The position up to which the journal was read before it. */
  readonly before: Position;
  done: boolean;
}

/** A shipment on its way to one router; void once it goes another way. */
interface Passage<Call> {
  readonly shipment: Shipment<Call>;
  void: boolean;
}

interface Lane<Call> {
  waiting: Passage<Call>[];
  /** Messages on the stream that is there, the oldest first. */
  sent: { readonly passages: readonly Passage<Call>[]; readonly bytes: number; readonly at: number }[];
  sentEvents: number;
  sentBytes: number;
  /** Of the messages on the stream, those that were acknowledged. */
  acknowledged: number;
  /** When something was acknowledged last; milliseconds of the clock. */
  heardAt: number;
  /** When it was heard again after a silence: what waited meanwhile does not count for how much there is to do. */
  backAt: number;
}

/**
 * Milliseconds without any acknowledgement, while one is due, after which a router counts as silent: it, its store or the
 * way to it is away. One that has too much to do acknowledges late, but goes on acknowledging.
 */
export const SILENT = 500;

/**
 * Journal events on their way, in a lane for each router: read from the journal in order, sent in messages within the
 * window of their stream, acknowledged there, and gone another way when their call has another router. All events of
 * a call are in one lane, in order.
 */
export class Shipments<Call> {
  readonly #within: ShipmentLimits;
  readonly #now: () => number;
  readonly #finished: (call: Call) => void;
  readonly #lanes = new Map<string, Lane<Call>>();
  /** Everything that is not dealt with and some that is, in the journal's order. */
  #order: Shipment<Call>[] = [];
  /** Of these, so many are dealt with at the front. */
  #head = 0;
  #read: Position;
  #events = 0;
  #bytes = 0;

  /** `after` is the position up to which everything was dealt with. `finished` is called for each that is, once. */
  constructor(
    after: Position,
    finished: (call: Call) => void,
    within: ShipmentLimits = LIMITS,
    /** Milliseconds on a clock that never goes back. */
    now: () => number = () => performance.now(),
  ) {
    this.#read = after;
    this.#finished = finished;
    this.#within = within;
    this.#now = now;
  }

  /**
   * Milliseconds for which the oldest message on a router's stream waits for its acknowledgement, counted from its return
   * if it was silent; 0 when none waits.
   */
  waits(router: string): number {
    const lane = this.#lanes.get(router);
    const [oldest] = lane?.sent ?? [];
    return oldest === undefined ? 0 : this.#now() - Math.max(oldest.at, lane!.backAt);
  }

  /** Milliseconds for which a router has acknowledged nothing although something is due; 0 when nothing is. */
  silence(router: string): number {
    const lane = this.#lanes.get(router);
    const [oldest] = lane?.sent ?? [];
    return oldest === undefined ? 0 : this.#now() - Math.max(oldest.at, lane!.heardAt);
  }

  /** Everything up to this position was read from the journal. */
  get read(): Position {
    return this.#read;
  }

  /** Everything up to this position is dealt with. */
  get low(): Position {
    return this.#order[this.#head]?.before ?? this.#read;
  }

  /** Whether more should be read from the journal now. */
  get hasRoom(): boolean {
    return this.#events < this.#within.shippingEvents && this.#bytes < this.#within.shippingBytes;
  }

  /** An event that is for nobody. */
  skip(position: Position): void {
    this.#read = position;
  }

  offer(event: ShippedEvent, call: Call, router: string): void {
    const shipment: Shipment<Call> = { event, call, before: this.#read, done: false };
    this.#read = event.position;
    this.#order.push(shipment);
    this.#events += 1;
    this.#bytes += event.data.length;
    this.#lane(router).waiting.push({ shipment, void: false });
  }

  /** The next message for a router, if something waits and its window has room; it counts as sent. */
  next(router: string): ShippedEvent[] | undefined {
    const lane = this.#lane(router);
    const { batchEvents, batchBytes, windowEvents, windowBytes } = this.#within;
    let count = 0;
    let bytes = 0;
    for (const { shipment } of lane.waiting) {
      const more = bytes + shipment.event.data.length;
      if (count > 0 && (count >= batchEvents || more > batchBytes)) break;
      bytes = more;
      count += 1;
    }
    if (count === 0) return undefined;
    if (lane.sentEvents + count > windowEvents || lane.sentBytes + bytes > windowBytes) return undefined;
    const passages = lane.waiting.splice(0, count);
    lane.sent.push({ passages, bytes, at: this.#now() });
    lane.sentEvents += count;
    lane.sentBytes += bytes;
    return passages.map(({ shipment }) => shipment.event);
  }

  /** So many messages of the router's stream are dealt with. False when so many were not sent. */
  acknowledge(router: string, messages: number): boolean {
    const lane = this.#lane(router);
    if (!Number.isInteger(messages)) return false;
    if (messages < lane.acknowledged || messages > lane.acknowledged + lane.sent.length) return false;
    if (messages > lane.acknowledged) {
      if (this.silence(router) > SILENT) lane.backAt = this.#now();
      lane.heardAt = this.#now();
    }
    for (; lane.acknowledged < messages; lane.acknowledged += 1) {
      const { passages, bytes } = lane.sent.shift()!;
      lane.sentEvents -= passages.length;
      lane.sentBytes -= bytes;
      for (const passage of passages) if (!passage.void) this.#done(passage.shipment);
    }
    return true;
  }

  /** The router's stream is another one: what was sent and not acknowledged is to be sent again. */
  rewind(router: string): void {
    const lane = this.#lane(router);
    const again = lane.sent.flatMap(({ passages }) => passages).filter((one) => !one.void);
    this.#lanes.set(router, { ...emptyLane(), waiting: [...again, ...lane.waiting] });
  }

  /**
   * The journal is read again, after this position. What is under way is forgotten, as it will be read again; what is
   * on a stream is still acknowledged there, to no effect.
   */
  restart(after: Position): void {
    for (const lane of this.#lanes.values()) {
      for (const { passages } of lane.sent) for (const passage of passages) passage.void = true;
      lane.waiting = [];
    }
    for (const { call } of this.#order.filter(({ done }) => !done)) this.#finished(call);
    this.#order = [];
    this.#head = 0;
    this.#events = 0;
    this.#bytes = 0;
    this.#read = after;
  }

  /** What is in a router's lane and not acknowledged goes to the routers that its calls have now. */
  move(from: string, routerOf: (call: Call) => string): void {
    const lane = this.#lane(from);
    const here = [...lane.sent.flatMap(({ passages }) => passages), ...lane.waiting];
    const stays = new Set<Passage<Call>>();
    for (const passage of here) {
      if (passage.void) continue;
      const { shipment } = passage;
      const to = routerOf(shipment.call);
      if (to === from) {
        stays.add(passage);
        continue;
      }
      passage.void = true;
      this.#lane(to).waiting.push({ shipment, void: false });
    }
    lane.waiting = lane.waiting.filter((passage) => stays.has(passage));
  }

  #lane(router: string): Lane<Call> {
    const known = this.#lanes.get(router);
    if (known) return known;
    const lane: Lane<Call> = emptyLane();
    this.#lanes.set(router, lane);
    return lane;
  }

  #done(shipment: Shipment<Call>): void {
    if (shipment.done) return;
    shipment.done = true;
    this.#events -= 1;
    this.#bytes -= shipment.event.data.length;
    this.#finished(shipment.call);
    while (this.#order[this.#head]?.done) this.#head += 1;
    if (this.#head < 1000 && this.#head < this.#order.length) return;
    this.#order = this.#order.slice(this.#head);
    this.#head = 0;
  }
}

/** While a router is away, what is for it waits in memory, and the others get what is for them. */
const LIMITS: ShipmentLimits = { ...limits, shippingEvents: 20_000, shippingBytes: 32 * 1024 * 1024 };

const emptyLane = <Call>(): Lane<Call> => ({
  waiting: [],
  sent: [],
  sentEvents: 0,
  sentBytes: 0,
  acknowledged: 0,
  heardAt: Number.NEGATIVE_INFINITY,
  backAt: Number.NEGATIVE_INFINITY,
});
