import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { portRange } from '@tandem/actors/testing/free-port.ts';
import { createRenderer } from '../../audio/render/render.ts';
import { DtmfDetector } from '../../audio/signal/dtmf-detector.ts';
import { goertzel, meanSquare } from '../../audio/signal/goertzel.ts';
import { dtmfKey } from '../../audio/signal/tones.ts';
import type { PlayItem } from '../../audio/speech/play-item.ts';
import type { MediaEvents, RemoteMedia } from '../plane/media-plane.ts';
import { DIGITS } from '../rtp/dtmf-event.ts';
import { parseRtcp, writeRtcp } from '../rtp/rtcp-packet.ts';
import { RtpPeer, sine } from '../testing/rtp-peer.ts';
import { RtpMediaPlane, type RtpMediaPlaneOptions } from './rtp-media-plane.ts';

const PORTS = await portRange(50);

/** The first four pairs of them. */
const FOUR = { first: PORTS.first, last: PORTS.first + 7 };
const portAt = (offset: number): number => PORTS.first + offset;

const render: RtpMediaPlaneOptions['render'] = async (item) => {
  if (!('tone' in item)) throw new Error('These tests only play tones.');
  const [frequency, milliseconds] = item.tone.name.split('/').map(Number);
  return { samples: sine(frequency!, milliseconds || 100), endless: milliseconds === 0 };
};

const tone = (frequency: number, milliseconds: number): PlayItem => ({
  tone: { name: `${frequency}/${milliseconds}` },
});

/** The share of a sound's power that one frequency has. */
const share = (samples: Int16Array, frequency: number): number =>
  goertzel(samples, frequency) / meanSquare(samples);

let plane: RtpMediaPlane;
let peers: { close(): unknown }[] = [];

const open = (options: Partial<RtpMediaPlaneOptions> = {}): void => {
  plane = new RtpMediaPlane({ bindAddress: '127.0.0.1', ports: PORTS, render, ...options });
};

const peer = async (): Promise<RtpPeer> => {
  const opened = await RtpPeer.open();
  peers.push(opened);
  return opened;
};

/** Waits for an event; listen before causing it. */
const event = async <E extends keyof MediaEvents>(name: E): Promise<MediaEvents[E]> =>
  (await once(plane, name)) as MediaEvents[E];

/** A session that is connected to a phone of its own. */
const leg = async (id: string, changes: Partial<RemoteMedia> = {}, silenceLimit = 0) => {
  const phone = await peer();
  const { port } = await plane.allocate({ id, silenceLimit });
  await plane.connect(id, phone.remote(changes));
  return { phone, port };
};

/** Presses a key as a telephone does: events of growing duration, of which some may get lost. */
const press = (phone: RtpPeer, port: number, digit: string, losesEnds = false): void => {
  const say = (end: boolean, duration: number, first: boolean) =>
    phone.send(
      port,
      101,
      Uint8Array.of(DIGITS.indexOf(digit), end ? 0x8a : 0x0a, duration >> 8, duration & 0xff),
      first ? 160 : 0,
      first,
    );
  for (const duration of [160, 320, 480, 640]) say(false, duration, duration === 160);
  if (!losesEnds) for (let i = 0; i < 3; i++) say(true, 800, false);
  phone.timestamp += 800;
};

/** Resolves once the engine has taken all that was sent before: packets and commands are each kept in order. */
const settled = async (id: string, packets: number): Promise<void> => {
  while ((await plane.stats(id)).receivedPackets < packets) await new Promise(setImmediate);
};

beforeEach(() => open());

afterEach(async () => {
  await Promise.all(peers.map((opened) => opened.close()));
  peers = [];
  await plane.close();
});

describe('playing', () => {
  it('sends what is played at the pace of a telephone, in one unbroken stream', async () => {
    const phone = await peer();
    await plane.allocate({ id: 'a', silenceLimit: 0 });
    await plane.connect('a', phone.remote());
    plane.play('a', { playId: 'p', items: [tone(440, 200), { silence: 40 }, tone(1000, 100)], loop: 2 });
    const [id, outcome] = await event('played');
    await phone.until(() => phone.packets.length === 34);

    expect([id, outcome]).toEqual(['a', { playId: 'p', outcome: 'completed' }]);
    const audio = phone.audio('PCMU');
    expect(share(audio.subarray(0, 1600), 440)).toBeGreaterThan(0.9);
    expect(meanSquare(audio.subarray(1600, 1920))).toBe(0);
    expect(share(audio.subarray(1920, 2720), 1000)).toBeGreaterThan(0.9);
    expect(share(audio.subarray(2720, 4320), 440)).toBeGreaterThan(0.9);
    const [first, ...rest] = phone.packets;
    expect(first!.header.marker).toBe(true);
    rest.forEach(({ header }, i) => {
      expect(header.marker).toBe(false);
      expect(header.ssrc).toBe(first!.header.ssrc);
      expect((header.sequence - first!.header.sequence) & 0xffff).toBe(i + 1);
    });
  });

  it('starts when the far end is known, and says when a new play takes the place of another', async () => {
    const phone = await peer();
    await plane.allocate({ id: 'a', silenceLimit: 0 });
    plane.play('a', { playId: 'first', items: [tone(440, 100)], loop: 0 });
    const stopped = event('played');
    plane.play('a', { playId: 'second', items: [tone(1000, 100)], loop: 1 });
    expect(await stopped).toEqual(['a', { playId: 'first', outcome: 'stopped' }]);
    const completed = event('played');
    await plane.connect('a', phone.remote({ codec: 'PCMA' }));
    expect(await completed).toEqual(['a', { playId: 'second', outcome: 'completed' }]);
    await phone.until(() => phone.packets.length === 5);
    expect(share(phone.audio('PCMA'), 1000)).toBeGreaterThan(0.9);
  });

  it('plays an endless tone until it is stopped by its name', async () => {
    const { phone } = await leg('a');
    plane.play('a', { playId: 'ringback', items: [tone(425, 0)], loop: 1 });
    await phone.until(() => phone.packets.length > 10);
    const stopped = event('played');
    plane.stop('a', 'another');
    plane.stop('a', 'ringback');
    expect(await stopped).toEqual(['a', { playId: 'ringback', outcome: 'stopped' }]);
  });

  it('says why a play failed', async () => {
    await leg('a');
    const failed = event('played');
    plane.play('a', { playId: 'p', items: [{ speech: { text: 'hello' } }], loop: 1 });
    expect(await failed).toMatchObject([
      'a',
      { playId: 'p', outcome: 'failed', message: expect.stringContaining('only play tones') },
    ]);
    const unknown = event('played');
    plane.play('nobody', { playId: 'q', items: [], loop: 1 });
    expect(await unknown).toMatchObject(['nobody', { outcome: 'failed', code: 'media.unknown-session' }]);
  });

  it('sends nothing where we said that we do not send', async () => {
    const { phone } = await leg('a', { direction: 'recvonly' });
    const completed = event('played');
    plane.play('a', { playId: 'p', items: [tone(440, 100)], loop: 1 });
    expect(await completed).toEqual(['a', { playId: 'p', outcome: 'completed' }]);
    expect((await plane.stats('a')).sentPackets).toBe(0);
    await plane.connect('a', phone.remote());
    plane.play('a', { playId: 'q', items: [tone(440, 20)], loop: 1 });
    await phone.until(() => phone.packets.length === 1);
    expect(phone.packets[0]!.header.marker).toBe(true);
  });

  it('sends packets as long as the peer asks for', async () => {
    const { phone } = await leg('a', { ptime: 30 });
    plane.play('a', { playId: 'p', items: [tone(440, 90)], loop: 1 });
    await phone.until(() => phone.packets.length === 3);
    expect(phone.packets.map(({ payload }) => payload.length)).toEqual([240, 240, 240]);
  });
});

describe('playing what the renderer makes', () => {
  it('sends the tone that was named, and says which name is none', async () => {
    const renderer = createRenderer({ download: () => Promise.reject(new Error('There is no network.')) });
    peers.push(renderer);
    await plane.close();
    open({ render: renderer.render });
    const { phone } = await leg('a');
    const completed = event('played');
    plane.play('a', { playId: 'p', items: [{ tone: { name: 'beep' } }], loop: 1 });
    expect(await completed).toEqual(['a', { playId: 'p', outcome: 'completed' }]);
    await phone.until(() => phone.packets.length === 25);
    expect(share(phone.audio('PCMU'), 1000)).toBeGreaterThan(0.9);
    const failed = event('played');
    plane.play('a', { playId: 'q', items: [{ tone: { name: 'trumpet' } }], loop: 1 });
    expect(await failed).toMatchObject(['a', { playId: 'q', outcome: 'failed', code: 'media.unknown-tone' }]);
  });
});

describe('the source of media', () => {
  it('is where it really comes from, when SDP has a private address', async () => {
    const phone = await peer();
    const { port } = await plane.allocate({ id: 'a', silenceLimit: 0 });
    await plane.connect('a', phone.remote({ address: '192.0.2.1', port: 9 }));
    const latched = event('latched');
    phone.send(port, 0, new Uint8Array(160));
    phone.send(port, 0, new Uint8Array(160));
    expect(await latched).toEqual(['a', { address: '127.0.0.1', port: phone.port, codec: 'PCMU' }]);
    plane.play('a', { playId: 'p', items: [tone(440, 100)], loop: 1 });
    await phone.until(() => phone.packets.length === 5);
    expect(share(phone.audio('PCMU'), 440)).toBeGreaterThan(0.9);
  });

  it('is not moved by strangers or by packets of payload types that were not agreed', async () => {
    const { phone, port } = await leg('a');
    const stranger = await peer();
    stranger.send(port, 0, new Uint8Array(160));
    stranger.send(port, 96, new Uint8Array(160));
    stranger.rtp.send('nonsense', port, '127.0.0.1');
    phone.send(port, 0, new Uint8Array(160));
    await settled('a', 1);
    for (let i = 0; i < 5; i++) stranger.send(port, 0, new Uint8Array(160));
    phone.send(port, 0, new Uint8Array(160));
    await settled('a', 2);
    const { dropped, receivedPackets } = await plane.stats('a');
    expect(dropped).toMatchObject({ unproven: 1, payloadType: 1, malformed: 1 });
    expect(receivedPackets).toBe(2);
    plane.play('a', { playId: 'p', items: [tone(440, 40)], loop: 1 });
    await phone.until(() => phone.packets.length === 2);
    expect(stranger.packets).toEqual([]);
  });

  it('moves with SDP: a re-INVITE to another port', async () => {
    const { phone, port } = await leg('a');
    phone.send(port, 0, new Uint8Array(160));
    await settled('a', 1);
    const moved = await peer();
    await plane.connect('a', moved.remote());
    phone.send(port, 0, new Uint8Array(160));
    moved.send(port, 0, new Uint8Array(160));
    await settled('a', 2);
    plane.play('a', { playId: 'p', items: [tone(440, 40)], loop: 1 });
    await moved.until(() => moved.packets.length === 2);
    expect(phone.packets).toEqual([]);
  });

  it('may send no more than its rate', async () => {
    await plane.close();
    open({ packetRate: 10 });
    const { phone, port } = await leg('a');
    for (let i = 0; i < 60; i++) phone.send(port, 0, new Uint8Array(160));
    while ((await plane.stats('a')).dropped.rate === 0) await new Promise(setImmediate);
    expect((await plane.stats('a')).receivedPackets).toBeGreaterThanOrEqual(10);
  });
});

describe('nonsense', () => {
  it('from a peer does no harm: ports that are none, and packets of noise', async () => {
    const { phone, port } = await leg('a', { rtcpPort: 0 });
    await plane.allocate({ id: 'b', silenceLimit: 0 });
    await plane.connect('b', phone.remote({ port: 70_000, rtcpPort: -1 }));
    await plane.allocate({ id: 'c', silenceLimit: 0 });
    await plane.connect('c', phone.remote({ address: 'pbx.example.com' }));
    for (const id of ['a', 'b', 'c']) {
      const completed = event('played');
      plane.play(id, { playId: id, items: [tone(440, 20)], loop: 1 });
      await completed;
    }
    for (let i = 0; i < 100; i++) {
      const noise = randomBytes(i);
      if (i % 2 === 0 && i > 1) noise.set([0x80 | i, i % 4 === 0 ? 0 : 101]);
      phone.rtp.send(noise, i % 10 === 0 ? port + 1 : port, '127.0.0.1');
    }
    phone.send(port, 0, new Uint8Array(160));
    await settled('a', 1);
    await Promise.all(['a', 'b', 'c'].map((id) => plane.release(id)));
    expect((await leg('d')).port).toBeGreaterThan(port);
  });
});

describe('bridging', () => {
  it.each([1, 2])('lets each hear the other, whatever their codecs, with %i thread(s)', async (workers) => {
    await plane.close();
    open({ workers });
    const [a, b] = [await leg('a'), await leg('b', { codec: 'PCMA' })];
    plane.bridge('a', 'b');
    // The channel between threads and the sockets are apart: wait until the bridge stands.
    await Promise.all([plane.stats('a'), plane.stats('b')]);
    await Promise.all([
      a.phone.speak(a.port, 'PCMU', sine(500, 400)),
      b.phone.speak(b.port, 'PCMA', sine(900, 400)),
    ]);
    await b.phone.until(() => b.phone.packets.length === 20);
    await a.phone.until(() => a.phone.packets.length === 20);
    expect(share(b.phone.audio('PCMA'), 500)).toBeGreaterThan(0.9);
    expect(share(a.phone.audio('PCMU'), 900)).toBeGreaterThan(0.9);
    expect(b.phone.packets[0]!.header.ssrc).not.toBe(a.phone.ssrc);
  });

  it('goes on in the same stream with another partner, and ends when told', async () => {
    const [a, b, c] = [await leg('a'), await leg('b'), await leg('c')];
    c.phone.ssrc = 99;
    c.phone.sequence = 40_000;
    c.phone.timestamp = 4_000_000_000;
    plane.bridge('a', 'b');
    await plane.stats('a');
    b.phone.send(b.port, 0, new Uint8Array(160));
    await a.phone.until(() => a.phone.packets.length === 1);
    plane.bridge('c', 'a');
    await plane.stats('a');
    b.phone.send(b.port, 0, new Uint8Array(160));
    await settled('b', 2);
    c.phone.send(c.port, 0, new Uint8Array(160));
    await a.phone.until(() => a.phone.packets.length === 2);
    const [before, after] = a.phone.packets.map(({ header }) => header);
    expect(after!.ssrc).toBe(before!.ssrc);
    expect(after!.sequence).toBe((before!.sequence + 1) & 0xffff);
    expect(after!.marker).toBe(true);
    expect((after!.timestamp - before!.timestamp) >>> 0).toBeLessThan(8000);
    plane.unbridge('c');
    await plane.stats('a');
    c.phone.send(c.port, 0, new Uint8Array(160));
    await settled('c', 2);
    expect((await plane.stats('a')).sentPackets).toBe(2);
  });

  it('lets what is played to one leg come before what its partner says', async () => {
    const [a, b] = [await leg('a'), await leg('b')];
    plane.bridge('a', 'b');
    plane.play('a', { playId: 'whisper', items: [tone(440, 0)], loop: 1 });
    await a.phone.until(() => a.phone.packets.length > 0);
    const before = a.phone.packets.length;
    await b.phone.speak(b.port, 'PCMU', sine(900, 200));
    await settled('b', 10);
    expect(share(a.phone.audio('PCMU', before), 900)).toBeLessThan(0.1);
    plane.stop('a', 'whisper');
    await plane.stats('a');
    const after = a.phone.packets.length;
    await b.phone.speak(b.port, 'PCMU', sine(900, 400));
    await a.phone.until(() => a.phone.packets.length >= after + 20);
    expect(share(a.phone.audio('PCMU').subarray(-2000), 900)).toBeGreaterThan(0.9);
  });

  it('passes nothing to or from a leg on hold', async () => {
    const [a, b] = [await leg('a'), await leg('b', { direction: 'inactive' })];
    plane.bridge('a', 'b');
    await plane.stats('a');
    a.phone.send(a.port, 0, new Uint8Array(160));
    b.phone.send(b.port, 0, new Uint8Array(160));
    await Promise.all([settled('a', 1), settled('b', 1)]);
    expect((await plane.stats('a')).sentPackets).toBe(0);
    expect((await plane.stats('b')).sentPackets).toBe(0);
    expect((await plane.stats('b')).dropped.unwanted).toBe(1);
  });
});

describe('digits', () => {
  it('are heard as telephone events once, passed on, and heard again by time when their end is lost', async () => {
    const [a, b] = [await leg('a'), await leg('b', { dtmfPayloadType: 96 })];
    plane.bridge('a', 'b');
    const heard = event('digit');
    await plane.stats('a');
    press(a.phone, a.port, '5');
    expect(await heard).toEqual(['a', { digit: '5', duration: 100, source: 'rfc4733' }]);
    await b.phone.until(() => b.phone.packets.length === 7);
    expect(new Set(b.phone.packets.map(({ header }) => header.payloadType))).toEqual(new Set([96]));
    expect(new Set(b.phone.packets.map(({ header }) => header.timestamp)).size).toBe(1);
    const lost = event('digit');
    press(a.phone, a.port, '#', true);
    expect(await lost).toEqual(['a', { digit: '#', duration: 80, source: 'rfc4733' }]);
  });

  it('are heard in the audio of a peer that knows no events', async () => {
    const { phone, port } = await leg('a', { dtmfPayloadType: undefined });
    const heard = event('digit');
    await phone.speak(port, 'PCMU', dtmfKey('8', 120, 0));
    expect(await heard).toMatchObject(['a', { digit: '8', source: 'inband' }]);
  });

  it('are sent as telephone events, before what is played', async () => {
    const { phone } = await leg('a');
    plane.play('a', { playId: 'p', items: [tone(440, 0)], loop: 1 });
    await phone.until(() => phone.packets.length > 2);
    plane.sendDigits('a', '1*');
    const isEnd = ({ header, payload }: RtpPeer['packets'][number]) =>
      header.payloadType === 101 && payload[1]! >= 0x80;
    await phone.until(() => phone.packets.filter(isEnd).length === 6);
    const events = phone.packets.filter(({ header }) => header.payloadType === 101);
    expect(events.map(({ payload }) => DIGITS[payload[0]!]).join('')).toBe('1111111*******');
    expect(new Set(events.map(({ header }) => header.timestamp)).size).toBe(2);
    const from = phone.packets.length;
    await phone.until(() => phone.packets.length > from);
    expect(phone.packets[from]!.header).toMatchObject({ payloadType: 0, marker: true });
    phone.packets.slice(1).forEach(({ header }, i) => {
      expect(header.sequence).toBe((phone.packets[i]!.header.sequence + 1) & 0xffff);
    });
  });

  it('are sent as tones to a peer that knows no events, its partner’s too', async () => {
    const [a, b] = [await leg('a', { dtmfPayloadType: undefined }), await leg('b')];
    plane.sendDigits('a', '42');
    await a.phone.until(() => a.phone.packets.length === 20);
    expect(new DtmfDetector().push(a.phone.audio('PCMU')).map(({ digit }) => digit)).toEqual(['4', '2']);
    plane.bridge('a', 'b');
    await plane.stats('a');
    press(b.phone, b.port, '9');
    press(b.phone, b.port, 'A');
    await a.phone.until(() => a.phone.packets.length === 40);
    const digits = new DtmfDetector().push(a.phone.audio('PCMU', 20));
    expect(digits.map(({ digit }) => digit)).toEqual(['9', 'A']);
  });
});

describe('the limit of silence', () => {
  it('is reported once, and not while the peer sends or is not to send', async () => {
    const reports: string[] = [];
    plane.on('stopped', (id) => reports.push(id));
    await leg('held', { direction: 'sendonly' }, 1);
    await leg('unwatched', {}, 0);
    const stopped = event('stopped');
    const { phone, port } = await leg('a', {}, 200);
    const [, silentFor] = await stopped;
    expect(silentFor).toBeGreaterThanOrEqual(200);
    const again = event('stopped');
    phone.send(port, 0, new Uint8Array(160));
    await again;
    plane.setSilenceLimit('unwatched', 1);
    await event('stopped');
    expect(reports).toEqual(['a', 'a', 'unwatched']);
  });
});

describe('RTCP', () => {
  it('is sent and heard on its own port, and says goodbye', async () => {
    const { phone, port } = await leg('a');
    phone.send(port, 0, new Uint8Array(160));
    plane.play('a', { playId: 'p', items: [tone(440, 60)], loop: 1 });
    await event('played');
    await phone.until(() => phone.reports.length === 1);
    const [report, description] = phone.reports[0]!;
    const { ssrc } = phone.packets[0]!.header;
    expect(report).toMatchObject({ type: 'report', ssrc, sender: { packets: 3, octets: 480 } });
    expect(report).toMatchObject({ reports: [{ ssrc: phone.ssrc, lost: 0 }] });
    expect(description).toMatchObject({ type: 'description', ssrc });
    const about = { fractionLost: 0, highestSequence: 0, lastReport: 0, delaySinceLastReport: 0 };
    const reports = [{ ...about, ssrc, lost: 3, jitter: 80 }];
    phone.rtcp.send(writeRtcp({ ssrc: phone.ssrc, cname: 'phone', reports }), port + 1, '127.0.0.1');
    while ((await plane.stats('a')).remoteLost === undefined) await new Promise(setImmediate);
    expect(await plane.stats('a')).toMatchObject({ remoteLost: 3, remoteJitter: 10 });
    await plane.release('a');
    await phone.until(() => phone.reports.length === 2);
    expect(phone.reports[1]!.at(-1)).toEqual({ type: 'bye', sources: [ssrc] });
  });

  it('shares the port of RTP when that was agreed', async () => {
    const phone = await peer();
    const { port } = await plane.allocate({ id: 'a', silenceLimit: 0 });
    await plane.connect('a', phone.remote({ rtcpPort: phone.port }));
    const bytes = writeRtcp({ ssrc: phone.ssrc, cname: 'phone', reports: [] });
    const answered = once(phone.rtp, 'message');
    phone.rtp.send(bytes, port, '127.0.0.1');
    const [answer] = await answered;
    expect(parseRtcp(answer)![0]).toMatchObject({ type: 'report', reports: [] });
    expect((await plane.stats('a')).dropped).toMatchObject({ malformed: 0, payloadType: 0 });
  });
});

describe('ports', () => {
  it('are passed over when somebody else uses them, and advertised under another address', async () => {
    await plane.close();
    open({ advertisedAddress: '203.0.113.9' });
    const other = createSocket('udp4');
    peers.push(other);
    other.bind(PORTS.first + 1, '127.0.0.1');
    await once(other, 'listening');
    const allocation = await plane.allocate({ id: 'a', silenceLimit: 0 });
    expect(allocation).toEqual({ id: 'a', address: '203.0.113.9', port: PORTS.first + 2 });
    expect(await plane.allocate({ id: 'a', silenceLimit: 0 })).toEqual(allocation);
  });

  it('are the ones that are asked for, when they are free', async () => {
    open({ ports: FOUR, workers: 2 });
    const wanting = async (id: string, port: number) =>
      (await plane.allocate({ id, silenceLimit: 0, port })).port;
    expect([await wanting('a', portAt(6)), await wanting('b', portAt(2))]).toEqual([portAt(6), portAt(2)]);
    // Taken, in nobody's range, and by another program.
    expect(await wanting('c', portAt(6))).toBe(portAt(4));
    expect(await wanting('d', 30_000)).toBe(portAt(0));
    await plane.release('b');
    const other = createSocket('udp4').bind(portAt(2), '127.0.0.1');
    await once(other, 'listening');
    peers.push(other);
    await expect(wanting('e', portAt(2))).rejects.toMatchObject({ code: 'media.no-ports' });
  });

  it('run out with an error that says so, in all threads together, and can be used again after release', async () => {
    await plane.close();
    open({ ports: FOUR, workers: 2 });
    const ids = ['a', 'b', 'c', 'd'];
    const ports = await Promise.all(ids.map((id) => plane.allocate({ id, silenceLimit: 0 })));
    expect(ports.map(({ port }) => port).sort()).toEqual([portAt(0), portAt(2), portAt(4), portAt(6)]);
    await expect(plane.allocate({ id: 'e', silenceLimit: 0 })).rejects.toMatchObject({
      code: 'media.no-ports',
    });
    await plane.release('c');
    await plane.release('c');
    await plane.release('nobody');
    expect((await plane.allocate({ id: 'e', silenceLimit: 0 })).port).toBe(ports[2]!.port);
  });

  it('cannot be opened on an address that is not ours', async () => {
    await plane.close();
    open({ bindAddress: '192.0.2.1' });
    await expect(plane.allocate({ id: 'a', silenceLimit: 0 })).rejects.toMatchObject({
      code: 'media.bind-failed',
    });
  });
});

describe('the end', () => {
  it('of a session stops what it plays and leaves its partner alone', async () => {
    const [a, b] = [await leg('a'), await leg('b')];
    plane.bridge('a', 'b');
    plane.play('a', { playId: 'p', items: [tone(440, 0)], loop: 1 });
    const stopped = event('played');
    await plane.release('a');
    expect(await stopped).toEqual(['a', { playId: 'p', outcome: 'stopped' }]);
    await expect(plane.connect('a', a.phone.remote())).rejects.toMatchObject({
      code: 'media.unknown-session',
    });
    b.phone.send(b.port, 0, new Uint8Array(160));
    await settled('b', 1);
  });

  it('of the plane ends every play and refuses what comes after', async () => {
    const { phone } = await leg('a');
    plane.play('a', { playId: 'p', items: [tone(440, 0)], loop: 1 });
    const stopped = event('played');
    await plane.close();
    expect(await stopped).toEqual(['a', { playId: 'p', outcome: 'stopped' }]);
    await expect(plane.allocate({ id: 'b', silenceLimit: 0 })).rejects.toMatchObject({
      code: 'media.closed',
    });
    await expect(plane.connect('a', phone.remote())).rejects.toMatchObject({ code: 'media.closed' });
    await plane.release('a');
  });

  it('of a thread is told to all whose media it carried, and another thread takes its place', async () => {
    await plane.close();
    const faults: string[] = [];
    open({ onFault: (error) => faults.push(error.code) });
    await leg('idle');
    plane.play('idle', { playId: 'over', items: [tone(440, 20)], loop: 1 });
    await event('played');
    const outcomes: string[] = [];
    plane.on('played', (_id, { playId }) => outcomes.push(playId));
    await leg('a');
    plane.play('a', { playId: 'p', items: [tone(440, 0)], loop: 1 });
    const told = Promise.all([event('played'), event('stopped')]);
    // No caller can do this; it stands for a fault in the thread.
    plane.sendDigits('a', undefined as never);
    const [played, stopped] = await told;
    expect(played).toMatchObject(['a', { playId: 'p', outcome: 'failed', code: 'media.worker-lost' }]);
    expect(stopped).toEqual(['idle', 0]);
    expect(outcomes).toEqual(['p']);
    expect(faults).toEqual(['media.worker-lost']);
    const { phone } = await leg('b');
    plane.play('b', { playId: 'q', items: [tone(440, 20)], loop: 1 });
    await phone.until(() => phone.packets.length === 1);
  });
});
