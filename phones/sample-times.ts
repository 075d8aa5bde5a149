/** Samples of a millisecond. */
const RATE = 8;
/** Packets that are remembered at least: five minutes of 20 ms. */
const MEMORY = 5 * 60 * 50;

/**
 * When the samples of a stretch of audio were there, remembered for each packet of it. Positions count samples from
 * the start; times are milliseconds.
 */
export class SampleTimes {
  readonly #positions: number[] = [];
  readonly #times: number[] = [];
  #end = 0;

  /** The next packet begins at a position; its first sample was there at a time. */
  add(position: number, length: number, time: number): void {
    this.#positions.push(position);
    this.#times.push(time);
    this.#end = position + length;
    if (this.#times.length < 2 * MEMORY) return;
    this.#positions.splice(0, MEMORY);
    this.#times.splice(0, MEMORY);
  }

  /** When a sample was there; nothing when it was not yet, or is not remembered. */
  at(position: number): number | undefined {
    if (position >= this.#end) return undefined;
    let low = 0;
    let high = this.#positions.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#positions[middle]! <= position) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return undefined;
    return this.#times[low - 1]! + (position - this.#positions[low - 1]!) / RATE;
  }

  clear(): void {
    this.#positions.length = 0;
    this.#times.length = 0;
    this.#end = 0;
  }
}
