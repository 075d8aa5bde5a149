/** How much a new sample counts (RFC 6298, section 2.3, for the mean; RFC 3550, appendix A.8, for the jitter). */
const GAIN = 1 / 8;
const JITTER_GAIN = 1 / 16;

/** A way's round trip from samples, in milliseconds: smoothed, and how it varies from one sample to the next. */
export class RoundTripEstimate {
  roundTrip: number | undefined;
  jitter = 0;
  #last = 0;

  push(sample: number): void {
    if (this.roundTrip === undefined) this.roundTrip = sample;
    else {
      this.roundTrip += (sample - this.roundTrip) * GAIN;
      this.jitter += (Math.abs(sample - this.#last) - this.jitter) * JITTER_GAIN;
    }
    this.#last = sample;
  }
}
