import { describe, expect, it } from '@jest/globals';
import { JitterEstimate } from './jitter-estimate.ts';
import { ntpMiddle, ntpTime, roundTrip } from './ntp-time.ts';
import { Reception } from './reception.ts';
import { rtcpInterval } from './rtcp-interval.ts';
import { parseRtcp } from './rtcp-packet.ts';
import { RtcpReporter } from './rtcp-reporter.ts';
import { SendStream } from './send-stream.ts';

const START = { ssrc: 7, sequence: 100, timestamp: 1000 };
const WALL = Date.UTC(2026, 0, 1);
const at = (now: number) => ({ now, wallClock: WALL + now });

const reporter = (): RtcpReporter => new RtcpReporter('name', 0, () => 0.5);

describe('NTP time', () => {
  it('counts from 1900, with a binary fraction', () => {
    expect(ntpTime(500)).toEqual({ seconds: 2_208_988_800, fraction: 0x80000000 });
    expect(ntpMiddle(0x12345678, 0x9abcdef0)).toBe(0x56789abc);
  });

  it('gives the round trip of the example in RFC 3550, section 6.4.1', () => {
    expect(roundTrip(0xb710_8000, 0xb705_2000, 0x0005_4000)).toBeCloseTo(6125);
  });

  it('gives none before the peer has a report, or when its answer makes no sense', () => {
    expect(roundTrip(0xb710_8000, 0, 0)).toBeUndefined();
    expect(roundTrip(0x0001_0000, 0x0002_0000, 0)).toBeUndefined();
    expect(roundTrip(0x0001_0000, 0x0001_0000, 30)).toBe(0);
  });
});

describe('jitter', () => {
  it('is none for packets as even as their timestamps', () => {
    const jitter = new JitterEstimate();
    for (let i = 0; i < 50; i++) jitter.push(i * 160, i * 20);
    expect(jitter.milliseconds).toBe(0);
  });

  it('nears the mean difference of packets that come unevenly', () => {
    const jitter = new JitterEstimate();
    for (let i = 0; i < 300; i++) jitter.push(0xffffff00 + i * 160, i * 20 + (i % 2) * 5);
    expect(jitter.milliseconds).toBeCloseTo(5, 1);
  });

  it('takes a new start of the timestamps for no jitter', () => {
    const jitter = new JitterEstimate();
    jitter.push(0, 0);
    jitter.push(4_000_000, 20);
    expect(jitter.ticks).toBe(0);
  });
});

describe('reports', () => {
  it('are due after 5 s on average, the first after half, never at a fixed beat', () => {
    expect(rtcpInterval(false, 0)).toBeCloseTo(2052, 0);
    expect(rtcpInterval(false, 1)).toBeCloseTo(6156, 0);
    expect(rtcpInterval(true, 0.5)).toBeCloseTo(2052, 0);
    const rtcp = reporter();
    expect(rtcp.isDue(2000)).toBe(false);
    expect(rtcp.isDue(2100)).toBe(true);
    rtcp.report(at(2100), new SendStream(START), undefined);
    expect(rtcp.isDue(6100)).toBe(false);
    expect(rtcp.isDue(6300)).toBe(true);
  });

  it('are sender reports while we send, with both clocks of one moment', () => {
    const rtcp = reporter();
    const stream = new SendStream(START);
    stream.own(1000, 160);
    stream.count(160);
    const [report] = parseRtcp(rtcp.report(at(1500), stream, undefined))!;
    const { seconds, fraction } = ntpTime(WALL + 1500);
    expect(report).toEqual({
      type: 'report',
      ssrc: 7,
      sender: { ntpSeconds: seconds, ntpFraction: fraction, rtpTimestamp: 5000, packets: 1, octets: 160 },
      reports: [],
    });
    rtcp.report(at(6000), stream, undefined);
    expect(parseRtcp(rtcp.report(at(11_000), stream, undefined))![0]).not.toHaveProperty('sender');
  });

  it('tell what came of the peer, and measure the round trip by its answer', () => {
    const [ours, theirs] = [reporter(), reporter()];
    const [us, them] = [new SendStream(START), new SendStream({ ...START, ssrc: 9 })];
    const fromThem = new Reception(9, 1);
    for (const sequence of [1, 2, 4]) fromThem.tracker.push(sequence);
    const fromUs = new Reception(7, 100);
    fromUs.tracker.push(100);
    us.own(0, 160);
    us.count(160);

    theirs.hear(parseRtcp(ours.report(at(1000), us, fromThem))!, at(1040), them, fromUs);
    expect(theirs).toMatchObject({ remoteLost: 1, remoteHighest: 4 });
    ours.hear(parseRtcp(theirs.report(at(3040), them, fromUs))!, at(3080), us, fromThem);
    expect(ours.roundTrip).toBeCloseTo(80, 0);
    expect(ours.remoteLost).toBe(0);
  });

  it('about another stream than ours count for nothing', () => {
    const rtcp = reporter();
    const other = new Reception(1234, 1);
    other.tracker.push(1);
    const stream = new SendStream(START);
    rtcp.hear(parseRtcp(reporter().report(at(1000), stream, other))!, at(1), stream, undefined);
    expect(rtcp.remoteLost).toBeUndefined();
  });
});
