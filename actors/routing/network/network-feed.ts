import { isEventType, upcast, verifyEvent } from '../../events/index.ts';
import { type GatewayId, gatewayStream, regionStream } from '../../names/index.ts';
import type { EventStore, RecordedEvent, Subscription } from '../../stores/event-store/index.ts';
import { keepSubscribedToAll } from '../../stores/event-store/index.ts';
import type { LiveNetwork } from './live-network.ts';

const isOfNetwork = (stream: string): boolean => /^(?:gateway|region)-/.test(stream);

/** Milliseconds before a stream that could not be read is tried again. */
const READ_AGAIN = 1000;

export interface NetworkFeedOptions {
  readonly store: EventStore;
  readonly network: Pick<LiveNetwork, 'take'>;
  /** The store cannot be followed or read now; it is tried again. */
  readonly onError: (error: unknown) => void;
  /** An event is not what it should be; the network goes on as if it were not there. */
  readonly onSetAside: (event: RecordedEvent, error: unknown) => void;
}

/**
 * Tells a network what the event store holds of gateways and regions: the whole stream of each that is heard of for
 * the first time, and from then on each of its events, none twice.
 */
export class NetworkFeed {
  readonly #options: NetworkFeedOptions;
  readonly #subscription: Pick<Subscription, 'stop'>;
  /** The last revision taken, by stream. */
  readonly #taken = new Map<string, number>();
  /** What came while a stream is being read. */
  readonly #waiting = new Map<string, RecordedEvent[]>();
  readonly #reading = new Set<Promise<void>>();
  readonly #retries = new Set<NodeJS.Timeout>();

  constructor(options: NetworkFeedOptions) {
    this.#options = options;
    this.#subscription = keepSubscribedToAll(options.store, {
      from: 'end',
      take: (event) => this.#heard(event),
      onInterrupted: options.onError,
      // Before the first event nobody knows where it was interrupted.
      onResumed: () => {
        for (const stream of this.#taken.keys()) this.#read(stream);
      },
      onSetAside: options.onSetAside,
    });
  }

  /** A gateway has shown up: what is stored of it and of its region is wanted. */
  meet(name: GatewayId): void {
    for (const stream of [gatewayStream(name), regionStream(name.region)])
      if (!this.#taken.has(stream)) this.#read(stream);
  }

  /** Resolves when all that was to be read has been. */
  async read(): Promise<void> {
    while (this.#reading.size > 0) await Promise.all(this.#reading);
  }

  async close(): Promise<void> {
    await this.#subscription.stop();
    for (const retry of this.#retries) clearTimeout(retry);
    await this.read();
  }

  #heard(event: RecordedEvent): void {
    const { stream } = event;
    if (!isOfNetwork(stream)) return;
    if (!this.#taken.has(stream)) this.#read(stream);
    const waiting = this.#waiting.get(stream);
    if (waiting) waiting.push(event);
    else this.#take(event);
  }

  #read(stream: string): void {
    if (this.#waiting.has(stream)) return;
    this.#waiting.set(stream, []);
    const reading = this.#readAll(stream)
      .catch((error) => {
        this.#options.onError(error);
        const retry = setTimeout(() => {
          this.#retries.delete(retry);
          this.#read(stream);
        }, READ_AGAIN);
        this.#retries.add(retry);
      })
      .finally(() => {
        this.#waiting.delete(stream);
        this.#reading.delete(reading);
      });
    this.#reading.add(reading);
  }

  async #readAll(stream: string): Promise<void> {
    const from = (this.#taken.get(stream) ?? -1) + 1;
    const stored = await Array.fromAsync(this.#options.store.readStream(stream, { from }));
    if (!this.#taken.has(stream)) this.#taken.set(stream, -1);
    const waiting = this.#waiting.get(stream)!;
    this.#waiting.delete(stream);
    for (const event of [...stored, ...waiting]) this.#take(event);
  }

  #take(stored: RecordedEvent): void {
    const { stream, revision, type } = stored;
    if (revision <= this.#taken.get(stream)!) return;
    this.#taken.set(stream, revision);
    if (!isEventType(type)) return;
    try {
      // Whatever takes the network's events trusts them: one that is wrong would be wrong for all regions.
      const event = upcast(stored);
      verifyEvent(type, event.data);
      this.#options.network.take(event);
    } catch (error) {
      this.#options.onSetAside(stored, error);
    }
  }
}
