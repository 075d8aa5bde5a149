import { CLOCK_RATE, timestampAhead } from './rtp-packet.ts';

/** Steps of timestamp beyond this are a source's restart, not jitter; milliseconds. */
const MAX_STEP = 1000;

/** Smoothed variation of the time that packets take (RFC 3550, appendix A.8). */
export class JitterEstimate {
  /** In RTP clock ticks. */
  ticks = 0;
  readonly #ticksPerMs: number;
  #timestamp = 0;
  #arrival: number | undefined;

  /** @param clockRate of the stream's timestamps, in hertz */
  constructor(clockRate = CLOCK_RATE) {
    this.#ticksPerMs = clockRate / 1000;
  }

  /** Takes a packet's timestamp and the time it came, in milliseconds. */
  push(timestamp: number, arrival: number): void {
    if (this.#arrival !== undefined) {
      const sent = timestampAhead(timestamp, this.#timestamp);
      const step = (arrival - this.#arrival) * this.#ticksPerMs - sent;
      if (Math.abs(step) < MAX_STEP * this.#ticksPerMs) this.ticks += (Math.abs(step) - this.ticks) / 16;
    }
    this.#timestamp = timestamp;
    this.#arrival = arrival;
  }

  get milliseconds(): number {
    return this.ticks / this.#ticksPerMs;
  }
}
