import type { Conditions, Cut, Traffic } from './conditions.ts';
import { seededRandom } from './seeded-random.ts';

/** One of the two directions between two regions: how long what goes there takes, and how much went. */
export class LinkDirection {
  conditions: Conditions = { rtt: 0 };
  readonly #random: () => number;
  readonly #waiting = new Set<() => void>();
  #cut: Cut | undefined;
  #connections = 0;
  #streamBytes = 0;
  #packets = 0;
  #packetBytes = 0;
  #lost = 0;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  get cut(): Cut | undefined {
    return this.#cut;
  }

  set cut(cut: Cut | undefined) {
    this.#cut = cut;
    if (cut === 'silent') return;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const go of waiting) go();
  }

  /** Calls back once, when the way is not silent any more. */
  whenNotSilent(go: () => void): void {
    this.#waiting.add(go);
  }

  /** Milliseconds that the next packet, or the next piece of a stream, is under way. */
  delay(): number {
    const { rtt, jitter = 0 } = this.conditions;
    return rtt / 2 + (jitter > 0 ? jitter * this.#random() : 0);
  }

  /** Whether the next packet is lost. */
  loses(): boolean {
    const { loss = 0 } = this.conditions;
    return loss > 0 && this.#random() < loss;
  }

  countConnection(): void {
    this.#connections++;
  }

  countStream(bytes: number): void {
    this.#streamBytes += bytes;
  }

  countPacket(bytes: number): void {
    this.#packets++;
    this.#packetBytes += bytes;
  }

  countLost(): void {
    this.#lost++;
  }

  get traffic(): Traffic {
    return {
      signalling: { connections: this.#connections, bytes: this.#streamBytes },
      media: { packets: this.#packets, bytes: this.#packetBytes, lost: this.#lost },
    };
  }

  resetTraffic(): void {
    this.#connections = this.#streamBytes = this.#packets = this.#packetBytes = this.#lost = 0;
  }
}
