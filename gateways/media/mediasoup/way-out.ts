import type { types } from 'mediasoup';
import { takenCapabilities } from './formats.ts';

/** Packets of one direction. */
export interface RelayedFlow {
  readonly came: number;
  readonly wentOut: number;
}

/** One direction of a transport: the streams of others that go out on it. */
export class WayOut {
  readonly #router: types.Router;
  readonly #transport: types.Transport;
  readonly #consumers = new Map<string, types.Consumer>();
  #paused: boolean;

  constructor(router: types.Router, transport: types.Transport, paused = false) {
    this.#router = router;
    this.#transport = transport;
    this.#paused = paused;
  }

  /**
   * Sends a stream on.
   *
   * @param name under which the other end awaits it, where streams are told apart by name
   */
  async take(producer: types.Producer, name?: string): Promise<void> {
    const paused = this.#paused;
    const consumer = await this.#transport.consume({
      producerId: producer.id,
      rtpCapabilities: takenCapabilities(this.#router, name !== undefined),
      paused,
      mid: name,
    });
    this.#consumers.set(producer.id, consumer);
    consumer.observer.once('close', () => this.#consumers.delete(producer.id));
    if (paused !== this.#paused) this.#steer(consumer);
  }

  pause(paused: boolean): void {
    this.#paused = paused;
    for (const consumer of this.#consumers.values()) this.#steer(consumer);
  }

  /** Sends nothing of it on any more. */
  close(): void {
    for (const consumer of [...this.#consumers.values()]) consumer.close();
  }

  /** What went out, as far as it still does. */
  async stats(): Promise<types.RtpStreamSendStats[]> {
    return (await this.#stats()).filter((stat) => stat.type === 'outbound-rtp');
  }

  /** Packets that came of the streams that are sent on, and how many of these went out. */
  async flow(): Promise<RelayedFlow> {
    const flow = { came: 0, wentOut: 0 };
    for (const { type, packetCount } of await this.#stats())
      flow[type === 'outbound-rtp' ? 'wentOut' : 'came'] += packetCount;
    return flow;
  }

  /** Of each stream, what came and what went out. */
  async #stats(): Promise<(types.RtpStreamSendStats | types.RtpStreamRecvStats)[]> {
    const all = await Promise.all([...this.#consumers.values()].map((consumer) => consumer.getStats()));
    return all.flat();
  }

  #steer(consumer: types.Consumer): void {
    // What is closed by now needs no steering.
    (this.#paused ? consumer.pause() : consumer.resume()).catch(() => {});
  }
}
