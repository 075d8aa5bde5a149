import { sequenceAhead } from './rtp-packet.ts';

/** Packets that are held back for one that is late. */
const DEPTH = 3;

/**
 * Puts packets in order for those who decode them. A packet in order passes at once; one ahead is held until the gap
 * is filled or three are waiting; a late or repeated one is dropped.
 */
export class ReorderBuffer<P> {
  readonly #keep: (packet: P) => P;
  #next: number | undefined;
  readonly #held = new Map<number, P>();

  /** @param keep makes a copy that outlives the call, of what is held */
  constructor(keep: (packet: P) => P) {
    this.#keep = keep;
  }

  /** Passes what is in order to `sink`, with the number of packets that were lost before it. */
  push(sequence: number, packet: P, sink: (packet: P, lost: number) => void): void {
    const ahead = this.#next === undefined ? 0 : sequenceAhead(sequence, this.#next);
    if (ahead < 0 && ahead > -100) return;
    let lost = 0;
    if (ahead > 0 && ahead <= 100) {
      this.#held.set(sequence, this.#keep(packet));
      if (this.#held.size < DEPTH) return;
      const first = [...this.#held.keys()].reduce((a, b) => (sequenceAhead(a, b) < 0 ? a : b));
      lost = sequenceAhead(first, this.#next!);
      this.#next = first;
    } else {
      if (ahead !== 0) this.#held.clear();
      sink(packet, 0);
      this.#next = (sequence + 1) & 0xffff;
    }
    this.#release(sink, lost);
  }

  #release(sink: (packet: P, lost: number) => void, lostBefore: number): void {
    let lost = lostBefore;
    for (
      let packet = this.#held.get(this.#next!);
      packet !== undefined;
      packet = this.#held.get(this.#next!)
    ) {
      this.#held.delete(this.#next!);
      this.#next = (this.#next! + 1) & 0xffff;
      sink(packet, lost);
      lost = 0;
    }
  }
}
