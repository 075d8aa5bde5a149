import { ntpMiddle, ntpTime, roundTrip } from './ntp-time.ts';
import type { Reception } from './reception.ts';
import { rtcpInterval } from './rtcp-interval.ts';
import { type RtcpPacket, writeRtcp } from './rtcp-packet.ts';
import type { SendStream } from './send-stream.ts';

/** One moment on both clocks, in milliseconds: one that never goes back, and the wall's since 1970. */
export interface RtcpMoment {
  readonly now: number;
  readonly wallClock: number;
}

/** Says when to report, and what; hears what the peer reports (RFC 3550, section 6). */
export class RtcpReporter {
  /** Of the peer's last report about us; milliseconds. */
  roundTrip: number | undefined;
  remoteLost: number | undefined;
  remoteJitter: number | undefined;
  /** The highest of our sequence numbers that the peer has had, its cycles counted. */
  remoteHighest: number | undefined;
  /** The share of our packets that the peer missed since its report before, 0 to 1. */
  remoteLoss = 0;
  readonly #cname: string;
  readonly #random: () => number;
  #dueAt: number;
  #sentBefore: [number, number] = [0, 0];

  /**
   * @param cname this end's name, drawn at random for each session (RFC 7022)
   * @param random numbers from 0 up to 1
   */
  constructor(cname: string, now: number, random: () => number) {
    this.#cname = cname;
    this.#random = random;
    this.#dueAt = now + rtcpInterval(true, random());
  }

  isDue(now: number): boolean {
    return now >= this.#dueAt;
  }

  /** The next report, which ends with BYE when we leave. */
  report(moment: RtcpMoment, stream: SendStream, reception: Reception | undefined, bye = false): Uint8Array {
    this.#dueAt = moment.now + rtcpInterval(false, this.#random());
    // A sender report when anything was sent since the last report but one (RFC 3550, section 6.4).
    const isSender = stream.packets > this.#sentBefore[0];
    this.#sentBefore = [this.#sentBefore[1], stream.packets];
    const ntp = ntpTime(moment.wallClock);
    const sender = {
      ntpSeconds: ntp.seconds,
      ntpFraction: ntp.fraction,
      rtpTimestamp: stream.timestampAt(moment.now),
      packets: stream.packets,
      octets: stream.octets,
    };
    return writeRtcp({
      ssrc: stream.ssrc,
      cname: this.#cname,
      sender: isSender ? sender : undefined,
      reports: reception === undefined ? [] : [reception.takeReport(moment.now)],
      bye,
    });
  }

  /** @param stream what we send */
  hear(
    packets: readonly RtcpPacket[],
    moment: RtcpMoment,
    stream: Pick<SendStream, 'ssrc' | 'ticksPerMs'>,
    reception: Reception | undefined,
  ): void {
    for (const packet of packets) {
      if (packet.type !== 'report') continue;
      if (packet.sender !== undefined && packet.ssrc === reception?.ssrc) {
        reception.senderReported(ntpMiddle(packet.sender.ntpSeconds, packet.sender.ntpFraction), moment.now);
      }
      const aboutUs = packet.reports.find((block) => block.ssrc === stream.ssrc);
      if (aboutUs === undefined) continue;
      const ntp = ntpTime(moment.wallClock);
      const middle = ntpMiddle(ntp.seconds, ntp.fraction);
      this.roundTrip = roundTrip(middle, aboutUs.lastReport, aboutUs.delaySinceLastReport) ?? this.roundTrip;
      this.remoteLost = aboutUs.lost;
      this.remoteHighest = aboutUs.highestSequence;
      this.remoteLoss = aboutUs.fractionLost / 256;
      this.remoteJitter = aboutUs.jitter / stream.ticksPerMs;
    }
  }
}
