import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { portRange } from '@tandem/actors/testing/free-port.ts';
import { CODEC_NAMES, CODECS, type CodecName, type SampleRate } from '../../audio/codecs/codec.ts';
import { DtmfDetector } from '../../audio/signal/dtmf-detector.ts';
import { goertzel, meanSquare } from '../../audio/signal/goertzel.ts';
import { dtmfKey, tone } from '../../audio/signal/tones.ts';
import type { MediaEvents, RemoteMedia } from '../plane/media-plane.ts';
import { DIGITS } from '../rtp/dtmf-event.ts';
import { writeRtcp } from '../rtp/rtcp-packet.ts';
import { RtpPeer, sine } from '../testing/rtp-peer.ts';
import { RtpMediaPlane } from './rtp-media-plane.ts';

const PORTS = await portRange(50);

let plane: RtpMediaPlane;
let peers: RtpPeer[] = [];
let rendered: SampleRate[] = [];

const open = (workers: number): void => {
  plane = new RtpMediaPlane({
    bindAddress: '127.0.0.1',
    ports: PORTS,
    workers,
    render: async (item, { sampleRate = 8000 }) => {
      if (!('tone' in item)) throw new Error('These tests only play tones.');
      rendered.push(sampleRate);
      const { samples, loop } = tone(item.tone.name, sampleRate);
      return { samples, endless: loop };
    },
  });
};

const leg = async (id: string, codec: CodecName, changes: Partial<RemoteMedia> = {}) => {
  const phone = await RtpPeer.open();
  peers.push(phone);
  const { port } = await plane.allocate({ id, silenceLimit: 0 });
  await plane.connect(id, phone.remote({ codec, ...changes }));
  return { phone, port, codec };
};

const event = async <E extends keyof MediaEvents>(name: E): Promise<MediaEvents[E]> =>
  (await once(plane, name)) as MediaEvents[E];

const bridged = async (a: string, b: string): Promise<void> => {
  plane.bridge(a, b);
  await Promise.all([plane.stats(a), plane.stats(b)]);
};

/** Presses a key as a telephone does, on its codec's clock. */
const press = ({ phone, port, codec }: Awaited<ReturnType<typeof leg>>, digit: string): void => {
  const packet = CODECS[codec].clockRate / 50;
  for (const [i, part] of [1, 2, 3, 4, 5, 5, 5].entries()) {
    const duration = part * packet;
    const payload = Uint8Array.of(DIGITS.indexOf(digit), i > 3 ? 0x8a : 0x0a, duration >> 8, duration & 0xff);
    phone.send(port, 101, payload, i === 0 ? packet : 0, i === 0);
  }
  phone.timestamp += 6 * packet;
};

const share = (samples: Int16Array, frequency: number, sampleRate = 8000): number =>
  goertzel(samples, frequency, sampleRate) / meanSquare(samples);

const audioPackets = ({ phone, codec }: Awaited<ReturnType<typeof leg>>) =>
  phone.packets.filter(({ header }) => header.payloadType === (CODECS[codec].payloadType ?? 96));

beforeEach(() => {
  rendered = [];
  open(1);
});

afterEach(async () => {
  for (const opened of peers) opened.close();
  peers = [];
  await plane.close();
});

describe.each<[CodecName, CodecName, number]>([
  ['PCMU', 'opus', 1],
  ['PCMA', 'G722', 1],
  ['G722', 'opus', 1],
  ['PCMU', 'opus', 2],
])('a bridge between %s and %s, with %d thread(s)', (one, other, workers) => {
  it('lets each hear the other, in one stream with times of its own clock', async () => {
    await plane.close();
    open(workers);
    const [a, b] = [await leg('a', one), await leg('b', other)];
    await bridged('a', 'b');
    await Promise.all([
      a.phone.speak(a.port, one, sine(500, 400)),
      b.phone.speak(b.port, other, sine(900, 400)),
    ]);
    await b.phone.until(() => audioPackets(b).length === 20);
    await a.phone.until(() => audioPackets(a).length === 20);
    expect(share(b.phone.audio(other).subarray(800), 500)).toBeGreaterThan(0.9);
    expect(share(a.phone.audio(one).subarray(800), 900)).toBeGreaterThan(0.9);
    for (const side of [a, b]) {
      const packets = audioPackets(side).map(({ header }) => header);
      const first = packets[0]!;
      for (const [i, { sequence, timestamp, ssrc }] of packets.entries()) {
        expect(ssrc).toBe(first.ssrc);
        expect((sequence - first.sequence) & 0xffff).toBe(i);
        expect((timestamp - first.timestamp) >>> 0).toBe((i * CODECS[side.codec].clockRate) / 50);
      }
    }
  });

  it('hears keys, and passes them on with their duration, both ways', async () => {
    await plane.close();
    open(workers);
    const [a, b] = [await leg('a', one), await leg('b', other)];
    await bridged('a', 'b');
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const heard = event('digit');
      press(from, '7');
      expect(await heard).toEqual([from === a ? 'a' : 'b', { digit: '7', duration: 100, source: 'rfc4733' }]);
      await to.phone.until(() => to.phone.packets.length === 7);
      const durations = to.phone.packets.map(({ payload }) => (payload[2]! << 8) | payload[3]!);
      const packet = CODECS[to.codec].clockRate / 50;
      expect(durations).toEqual([1, 2, 3, 4, 5, 5, 5].map((part) => part * packet));
      expect(new Set(to.phone.packets.map(({ header }) => header.timestamp)).size).toBe(1);
    }
  });
});

describe.each(CODEC_NAMES)('a leg that speaks %s', (codec) => {
  it('hears keys in its audio when it knows no events', async () => {
    const { phone, port } = await leg('a', codec, { dtmfPayloadType: undefined });
    const heard = event('digit');
    await phone.speak(port, codec, Int16Array.from([...dtmfKey('8', 120, 0), ...new Int16Array(800)]));
    expect(await heard).toMatchObject(['a', { digit: '8', source: 'inband' }]);
  });

  it('is sent keys as events on its clock, or as sound', async () => {
    const packet = CODECS[codec].clockRate / 50;
    const a = await leg('a', codec);
    plane.sendDigits('a', '4');
    const events = () => a.phone.packets.filter(({ header }) => header.payloadType === 101);
    await a.phone.until(() => events().length === 7);
    expect((events().at(-1)!.payload[2]! << 8) | events().at(-1)!.payload[3]!).toBe(5 * packet);
    const deaf = await leg('b', codec, { dtmfPayloadType: undefined });
    plane.sendDigits('b', '42');
    await deaf.phone.until(() => audioPackets(deaf).length >= 20);
    const heard = Int16Array.from([...deaf.phone.audio(codec), ...new Int16Array(640)]);
    expect(new DtmfDetector().push(heard).map(({ digit }) => digit)).toEqual(['4', '2']);
  });

  it('is played sound at its own rate, on its own clock', async () => {
    const { sampleRate, clockRate } = CODECS[codec];
    const a = await leg('a', codec);
    plane.play('a', { playId: 'p', items: [{ tone: { name: 'beep' } }], loop: 1 });
    await a.phone.until(() => audioPackets(a).length >= 25);
    expect(rendered).toEqual([sampleRate]);
    expect(
      share(a.phone.audio(codec, 0, sampleRate).subarray(0, sampleRate / 2.5), 1000, sampleRate),
    ).toBeGreaterThan(0.9);
    const [first, second] = audioPackets(a);
    expect((second!.header.timestamp - first!.header.timestamp) >>> 0).toBe(clockRate / 50);
  });
});

describe('a codec that changes in mid-session', () => {
  it('is spoken from then on, with what plays converted to its rate', async () => {
    const a = await leg('a', 'PCMU');
    plane.play('a', { playId: 'p', items: [{ tone: { name: 'ringback' } }], loop: 1 });
    await a.phone.until(() => audioPackets(a).length >= 5);
    await plane.connect('a', a.phone.remote({ codec: 'G722' }));
    const wide = () => a.phone.packets.filter(({ header }) => header.payloadType === 9).length;
    await a.phone.until(() => wide() >= 20);
    const heard = a.phone.audio('G722', 0, 16_000);
    expect(
      share(heard.subarray(1600), 440, 16_000) + share(heard.subarray(1600), 480, 16_000),
    ).toBeGreaterThan(0.8);
    expect(new Set(a.phone.packets.map(({ header }) => header.ssrc)).size).toBe(1);
  });

  it('ends the transcoding of a bridge, and begins it', async () => {
    const [a, b] = [await leg('a', 'PCMU'), await leg('b', 'G722')];
    await bridged('a', 'b');
    await a.phone.speak(a.port, 'PCMU', sine(500, 200));
    await b.phone.until(() => audioPackets(b).length >= 10);
    await plane.connect('b', b.phone.remote({ codec: 'PCMU' }));
    const narrow = () => b.phone.packets.filter(({ header }) => header.payloadType === 0);
    await a.phone.speak(a.port, 'PCMU', sine(500, 200));
    await b.phone.until(() => narrow().length === 10);
    const passedOn = narrow().map(({ payload }) => payload.length);
    expect(passedOn).toEqual(new Array(10).fill(160));
    const headers = b.phone.packets.map(({ header }) => header.sequence);
    for (const [i, sequence] of headers.entries()) expect((sequence - headers[0]!) & 0xffff).toBe(i);
  });
});

describe('loss that a peer reports', () => {
  it('makes Opus say each packet again in the next', async () => {
    const a = await leg('a', 'opus');
    plane.play('a', { playId: 'p', items: [{ tone: { name: 'ringback' } }], loop: 1 });
    await a.phone.until(() => a.phone.packets.length >= 10);
    const { ssrc } = a.phone.packets[0]!.header;
    const about = { lost: 30, jitter: 0, highestSequence: 0, lastReport: 0, delaySinceLastReport: 0 };
    const reports = [{ ...about, ssrc, fractionLost: 64 }];
    a.phone.rtcp.send(writeRtcp({ ssrc: a.phone.ssrc, cname: 'phone', reports }), a.port + 1, '127.0.0.1');
    while ((await plane.stats('a')).remoteLost === undefined) await new Promise(setImmediate);
    const from = a.phone.packets.length;
    await a.phone.until(() => a.phone.packets.length >= from + 20);
    // SILK says in a packet's first bits whether it repeats the one before (RFC 6716, section 4.2.4).
    expect(a.phone.packets.slice(from + 5).some(({ payload }) => (payload[1]! & 0x40) !== 0)).toBe(true);
  });
});
