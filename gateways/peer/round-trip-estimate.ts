/** How much a new sample counts for the jitter (RFC 3550, appendix A.8). */
const JITTER_GAIN = 1 / 16;

/** Samples of which the middle one is how far it is: three late answers among them change nothing. */
const REMEMBERED = 7;

/**
 * A way's round trip from samples, in milliseconds, and how it varies from one sample to the next. The round trip is the
 * median of the last ones: answers that were late because a process had to wait for its machine say nothing of the way,
 * and a way that has become longer is so within four samples.
 */
export class RoundTripEstimate {
  jitter = 0;
  readonly #samples: number[] = [];

  /** Nothing before the first sample. */
  get roundTrip(): number | undefined {
    const sorted = this.#samples.toSorted((one, other) => one - other);
    return sorted[Math.floor((sorted.length - 1) / 2)];
  }

  push(sample: number): void {
    const last = this.#samples.at(-1);
    if (last !== undefined) this.jitter += (Math.abs(sample - last) - this.jitter) * JITTER_GAIN;
    this.#samples.push(sample);
    if (this.#samples.length > REMEMBERED) this.#samples.shift();
  }
}
