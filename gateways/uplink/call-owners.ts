import type { RecordedEvent } from '@tandem/actors/stores/event-store';

/** A call that this gateway has something of, and the router that has it. */
export interface OwnedCall {
  readonly callSid: string;
  /** `us1/r1` */
  router: string;
  /** How often the call was taken over, as far as is known here. */
  takeovers: number;
  /** The router from which the present one was told to take the call; absent once it has said that it has it. */
  from?: string;
  /** Streams of the call's legs and pipes here that are not at their end. */
  readonly live: Set<string>;
  /** Its events that are on their way. */
  underWay: number;
}

/** Events with which an actor of a call begins, here or anywhere, and its last. */
const BEGINNINGS: ReadonlySet<string> = new Set([
  'LegOffered',
  'LegRequested',
  'PipeRequested',
  'LegAdopted',
]);
const ENDS: ReadonlySet<string> = new Set(['LegEnded', 'PipeEnded']);

/** Whether an actor of a call has come to its end with this event. */
export const isEnd = ({ type }: Pick<RecordedEvent, 'type'>): boolean => ENDS.has(type);

/** The router that the first event of a leg, a pipe or a call names. */
export const routerNamed = ({ type, data }: Pick<RecordedEvent, 'type' | 'data'>): string | undefined =>
  BEGINNINGS.has(type) || type === 'CallReceived' ? (data as { router?: string }).router : undefined;

/**
 * Which router has which call, of the calls that have legs or pipes here, or events that are not shipped. It follows
 * from the journal; what routers say of takeovers is newer.
 */
export class CallOwners {
  readonly #calls = new Map<string, OwnedCall>();

  get(callSid: string): OwnedCall | undefined {
    return this.#calls.get(callSid);
  }

  /** The call, which is the router's when it was not known. */
  of(callSid: string, router: string): OwnedCall {
    const known = this.#calls.get(callSid);
    if (known) return known;
    const call: OwnedCall = { callSid, router, takeovers: 0, live: new Set(), underWay: 0 };
    this.#calls.set(callSid, call);
    return call;
  }

  /** An event of the call is about to be shipped. */
  began({ type, stream }: Pick<RecordedEvent, 'type' | 'stream'>, call: OwnedCall): void {
    call.underWay += 1;
    if (BEGINNINGS.has(type)) call.live.add(stream);
    else if (isEnd({ type })) call.live.delete(stream);
  }

  /** An event of the call was shipped. A call of which nothing is here any more is forgotten. */
  finished(call: OwnedCall): void {
    call.underWay -= 1;
    if (call.underWay === 0 && call.live.size === 0) this.#calls.delete(call.callSid);
  }

  /** The calls of a router. */
  ofRouter(router: string): OwnedCall[] {
    return [...this.#calls.values()].filter((call) => call.router === router);
  }

  [Symbol.iterator](): Iterator<OwnedCall> {
    return this.#calls.values();
  }
}
