import { type GatewayName, gatewayStream } from '../link/gateway-name.ts';
import type { EventStore, RecordedEvent, Subscription } from '../stores/event-store.ts';
import type { LiveNetwork } from './live-network.ts';

const isOfNetwork = (stream: string): boolean => /^(?:gateway|region)-/.test(stream);

/**
 * Tells a network what the event store holds of gateways and regions: the whole stream of each that is heard of for
 * the first time, and from then on each of its events, none twice.
 */
export class NetworkFeed {
  readonly #store: EventStore;
  readonly #network: Pick<LiveNetwork, 'take'>;
  readonly #onError: (error: unknown) => void;
  readonly #subscription: Subscription;
  /** The last revision taken, by stream; or what came while the stream is being read. */
  readonly #streams = new Map<string, number | RecordedEvent[]>();
  readonly #reading = new Set<Promise<void>>();

  constructor(store: EventStore, network: Pick<LiveNetwork, 'take'>, onError: (error: unknown) => void) {
    this.#store = store;
    this.#network = network;
    this.#onError = onError;
    this.#subscription = store.subscribeToAll('end', (event) => this.#heard(event));
    this.#subscription.ended.catch(onError);
  }

  /** A gateway has shown up: what is stored of it and of its region is wanted. */
  meet(name: GatewayName): void {
    this.#read(gatewayStream(name));
    this.#read(`region-${name.region}`);
  }

  /** Resolves when all that was to be read has been. */
  async read(): Promise<void> {
    while (this.#reading.size > 0) await Promise.all(this.#reading);
  }

  async close(): Promise<void> {
    await this.#subscription.stop();
    await this.read();
  }

  #heard(event: RecordedEvent): void {
    if (!isOfNetwork(event.stream)) return;
    this.#read(event.stream);
    const known = this.#streams.get(event.stream)!;
    if (typeof known === 'number') this.#take(event);
    else known.push(event);
  }

  #read(stream: string): void {
    if (this.#streams.has(stream)) return;
    const waiting: RecordedEvent[] = [];
    this.#streams.set(stream, waiting);
    const reading = this.#readAll(stream, waiting)
      .catch((error) => {
        this.#streams.delete(stream);
        this.#onError(error);
      })
      .finally(() => this.#reading.delete(reading));
    this.#reading.add(reading);
  }

  async #readAll(stream: string, waiting: readonly RecordedEvent[]): Promise<void> {
    const stored = await Array.fromAsync(this.#store.readStream(stream));
    this.#streams.set(stream, -1);
    for (const event of [...stored, ...waiting]) this.#take(event);
  }

  #take(event: RecordedEvent): void {
    if (event.revision <= (this.#streams.get(event.stream) as number)) return;
    this.#streams.set(event.stream, event.revision);
    this.#network.take(event);
  }
}
