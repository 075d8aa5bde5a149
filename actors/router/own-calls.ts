import { TandemError } from '../errors/tandem-error.ts';
import { type GatewayName, sayGateway } from '../link/gateway-name.ts';
import type { EventStore, RecordedEvent } from '../stores/event-store.ts';
import { beginsAtGateway } from './run-by-gateway.ts';

/** Calls whose gateway is remembered. */
const REMEMBERED = 10_000;

/** The call whose stream this is, or a snapshot of it. */
const callOf = (stream: string): string | undefined => /^(?:snapshot-)?call-(.*)$/s.exec(stream)?.[1];

/** Whether a stream is that of a call, or of its snapshots. */
export const isOfCall = (stream: string): boolean => callOf(stream) !== undefined;

/** Sees to it that a gateway ships no calls but those that it runs itself: all others are of main regions. */
export class OwnCalls {
  readonly #store: EventStore;
  readonly #gateways = new Map<string, string>();

  constructor(store: EventStore) {
    this.#store = store;
  }

  /**
   * Looks at the events of one stream; resolves when they may be stored.
   *
   * @throws link.bad-message; link.events-missing when what the call began with is not there
   */
  async check(from: GatewayName, stream: string, events: readonly RecordedEvent[]): Promise<void> {
    const callSid = callOf(stream);
    if (callSid === undefined) return;
    const [first] = events;
    let isThere = this.#gateways.has(callSid);
    if (stream.startsWith('call-') && first?.revision === 0) this.#note(callSid, first);
    else if (!isThere)
      for await (const stored of this.#store.readStream(`call-${callSid}`, { limit: 1 })) {
        isThere = true;
        this.#note(callSid, stored);
      }
    if (this.#gateways.get(callSid) === sayGateway(from)) return;
    if (!isThere && first!.revision > 0)
      throw new TandemError('link.events-missing', { stream, stored: -1, shipped: first!.revision });
    throw new TandemError('link.bad-message', {
      peer: `Gateway ${sayGateway(from)}`,
      detail: `stream ${JSON.stringify(stream)} is of a call that it does not run`,
    });
  }

  #note(callSid: string, first: RecordedEvent): void {
    if (!beginsAtGateway(first)) return;
    this.#gateways.set(callSid, sayGateway(first.data as GatewayName));
    if (this.#gateways.size > REMEMBERED) this.#gateways.delete(this.#gateways.keys().next().value!);
  }
}
