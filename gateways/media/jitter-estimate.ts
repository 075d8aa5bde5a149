import { TICKS_PER_MS, timestampAhead } from './rtp-packet.ts';

/** Steps of timestamp beyond this are a source's restart, not jitter: one second. */
const MAX_STEP = 1000 * TICKS_PER_MS;

/** Smoothed variation of the time that packets take (RFC 3550, appendix A.8). */
export class JitterEstimate {
  /** In RTP clock ticks. */
  ticks = 0;
  #timestamp = 0;
  #arrival: number | undefined;

  /** Takes a packet's timestamp and the time it came, in milliseconds. */
  push(timestamp: number, arrival: number): void {
    if (this.#arrival !== undefined) {
      const sent = timestampAhead(timestamp, this.#timestamp);
      const step = (arrival - this.#arrival) * TICKS_PER_MS - sent;
      if (Math.abs(step) < MAX_STEP) this.ticks += (Math.abs(step) - this.ticks) / 16;
    }
    this.#timestamp = timestamp;
    this.#arrival = arrival;
  }

  get milliseconds(): number {
    return this.ticks / TICKS_PER_MS;
  }
}
