import { JitterEstimate } from './jitter-estimate.ts';
import type { ReportBlock } from './rtcp-packet.ts';
import { SequenceTracker } from './sequence-tracker.ts';

const MAX_LOST = 0x7fffff;

/** What is known of the stream that a peer sends, by its SSRC. */
export class Reception {
  readonly ssrc: number;
  readonly tracker: SequenceTracker;
  readonly jitter: JitterEstimate;
  /** The last sender report: the middle of its NTP time, and when it came (milliseconds). */
  #lastReport = 0;
  #lastReportAt = 0;

  /** @param clockRate of its timestamps, in hertz; 8000 unless given */
  constructor(ssrc: number, firstSequence: number, clockRate?: number) {
    this.ssrc = ssrc;
    this.tracker = new SequenceTracker(firstSequence);
    this.jitter = new JitterEstimate(clockRate);
  }

  senderReported(ntpMiddle: number, now: number): void {
    this.#lastReport = ntpMiddle;
    this.#lastReportAt = now;
  }

  /** What we report of this stream; the share lost is counted from here on anew. */
  takeReport(now: number): ReportBlock {
    const delay = this.#lastReport === 0 ? 0 : Math.round(((now - this.#lastReportAt) * 65536) / 1000);
    return {
      ssrc: this.ssrc,
      fractionLost: this.tracker.takeFractionLost(),
      lost: Math.max(-MAX_LOST - 1, Math.min(MAX_LOST, this.tracker.lost)),
      highestSequence: this.tracker.extendedHighest,
      jitter: Math.floor(this.jitter.ticks),
      lastReport: this.#lastReport,
      delaySinceLastReport: Math.min(delay, 0xffffffff),
    };
  }
}
