import { sequenceAhead } from '../rtp/index.ts';

/** Packets, the newest among them, of which each is known to have been there or not (RFC 3711, section 3.3.2: 64 at least). */
export const WINDOW = 128;

/**
 * Which packets of one stream there have been, by their index: the sequence number with its rollover counter in the
 * bits above (48 bits), or SRTCP's own.
 */
export class PacketWindow {
  /** Less than any index before the first packet. */
  #newest = -1;
  readonly #seen = new Uint8Array(WINDOW);

  /**
   * The index that a sequence number most likely stands for: the nearest to the newest one; at first, that of a stream
   * that has not rolled over (RFC 3711, section 3.3.1).
   *
   * @returns less than 0 for one from before the stream began
   */
  guess(sequence: number): number {
    return this.#newest < 0 ? sequence : this.#newest + sequenceAhead(sequence, this.#newest % 0x1_0000);
  }

  /** Whether there can have been no packet with this index yet: it is neither repeated nor too old to know. */
  isNew(index: number): boolean {
    if (index < 0 || index <= this.#newest - WINDOW) return false;
    return index > this.#newest || this.#seen[index % WINDOW] === 0;
  }

  /** There has been a packet with this index. */
  add(index: number): void {
    if (index > this.#newest) {
      if (index - this.#newest >= WINDOW) this.#seen.fill(0);
      else for (let between = this.#newest + 1; between < index; between++) this.#seen[between % WINDOW] = 0;
      this.#newest = index;
    }
    this.#seen[index % WINDOW] = 1;
  }
}
