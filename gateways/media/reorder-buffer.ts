import { sequenceAhead } from './rtp-packet.ts';

/** Packets that are held back for one that is late. */
const DEPTH = 3;

/**
 * Puts packets in order for those who decode them. A packet in order passes at once; one ahead is held until the gap
 * is filled or three are waiting; a late or repeated one is dropped.
 */
export class ReorderBuffer {
  #next: number | undefined;
  readonly #held = new Map<number, Uint8Array>();

  /** Passes what is in order to `sink`. The payload is only copied when it is held. */
  push(sequence: number, payload: Uint8Array, sink: (payload: Uint8Array) => void): void {
    const ahead = this.#next === undefined ? 0 : sequenceAhead(sequence, this.#next);
    if (ahead < 0 && ahead > -100) return;
    if (ahead > 0 && ahead <= 100) {
      this.#held.set(sequence, payload.slice());
      if (this.#held.size < DEPTH) return;
      this.#next = [...this.#held.keys()].reduce((a, b) => (sequenceAhead(a, b) < 0 ? a : b));
    } else {
      if (ahead !== 0) this.#held.clear();
      sink(payload);
      this.#next = (sequence + 1) & 0xffff;
    }
    this.#release(sink);
  }

  #release(sink: (payload: Uint8Array) => void): void {
    for (
      let payload = this.#held.get(this.#next!);
      payload !== undefined;
      payload = this.#held.get(this.#next!)
    ) {
      this.#held.delete(this.#next!);
      this.#next = (this.#next! + 1) & 0xffff;
      sink(payload);
    }
  }
}
