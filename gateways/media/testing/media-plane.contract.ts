import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { goertzel, meanSquare } from '../../audio/signal/goertzel.ts';
import type { PlayItem } from '../../audio/speech/play-item.ts';
import type { MediaEvents, MediaPlane, RemoteMedia } from '../plane/media-plane.ts';
import { DIGITS } from '../rtp/dtmf-event.ts';
import { RtpPeer, sine } from './rtp-peer.ts';

/** What a suite that runs this contract makes and closes. */
export interface MediaPlaneSubject {
  plane: MediaPlane;
}

const share = (samples: Int16Array, frequency: number): number =>
  goertzel(samples, frequency) / meanSquare(samples);

/** A tone for `renderTones`. */
const tone = (frequency: number, milliseconds: number): PlayItem => ({
  tone: { name: `${frequency}/${milliseconds}` },
});

/** What every media plane does, wherever its sessions are. Its plays are rendered by `renderTones`. */
export function mediaPlaneContract(subject: MediaPlaneSubject): void {
  let peers: RtpPeer[];
  beforeEach(() => {
    peers = [];
  });
  afterEach(async () => {
    for (const peer of peers) await peer.close();
  });

  /** The next event of this kind; ask before causing it. */
  const next = <E extends keyof MediaEvents>(name: E): Promise<MediaEvents[E]> =>
    new Promise((resolve) => {
      const listener = (...args: MediaEvents[E]): void => {
        subject.plane.off(name, listener);
        resolve(args);
      };
      subject.plane.on(name, listener);
    });

  const leg = async (id: string, changes: Partial<RemoteMedia> = {}, silenceLimit = 0) => {
    const phone = await RtpPeer.open();
    peers.push(phone);
    const { port, address } = await subject.plane.allocate({ id, silenceLimit });
    await subject.plane.connect(id, phone.remote(changes));
    return { phone, port, address };
  };

  describe('a session', () => {
    it('has an address and a port, the same when it is asked for again, and another than others', async () => {
      const { plane } = subject;
      const one = await plane.allocate({ id: 'a', silenceLimit: 0 });
      expect(one).toEqual({ id: 'a', address: '127.0.0.1', port: expect.any(Number) });
      expect(one.port % 2).toBe(0);
      expect(await plane.allocate({ id: 'a', silenceLimit: 0 })).toEqual(one);
      expect((await plane.allocate({ id: 'b', silenceLimit: 0 })).port).not.toBe(one.port);
    });

    it('gets the port that is wanted, once that is free', async () => {
      const { plane } = subject;
      const { port } = await plane.allocate({ id: 'a', silenceLimit: 0 });
      const other = await plane.allocate({ id: 'b', silenceLimit: 0, port });
      expect(other.port).not.toBe(port);
      await plane.release('a');
      expect((await plane.allocate({ id: 'c', silenceLimit: 0, port })).port).toBe(port);
    });

    it('that is not there is said to be so; to release it again is no error', async () => {
      const { plane } = subject;
      const unknown = { code: 'media.unknown-session' };
      await plane.allocate({ id: 'a', silenceLimit: 0 });
      await plane.release('a');
      await plane.release('a');
      const phone = await RtpPeer.open();
      peers.push(phone);
      await expect(plane.connect('a', phone.remote())).rejects.toMatchObject(unknown);
      await expect(plane.stats('a')).rejects.toMatchObject(unknown);
    });

    it('sends nothing to an address that is to be heard first, neither sound nor reports, until it is', async () => {
      const { phone, port } = await leg('a', { heardFirst: true });
      const played = next('played');
      subject.plane.play('a', { playId: 'unheard', items: [tone(440, 100)], loop: 1 });
      await played;
      for (let count = 0; count < 2; count++) phone.send(port, 0, new Uint8Array(160));
      while ((await subject.plane.stats('a')).receivedPackets < 2);
      expect([phone.packets, phone.reports]).toEqual([[], []]);
      subject.plane.play('a', { playId: 'heard', items: [tone(440, 200)], loop: 1 });
      await phone.until(() => phone.packets.length >= 10);
      expect(share(phone.audio('PCMU').subarray(0, 1600), 440)).toBeGreaterThan(0.9);
      await subject.plane.release('a');
      await phone.until(() => phone.reports.length > 0);
    });

    it('says that nothing comes any more, and not while it is not to be said', async () => {
      const { phone, port } = await leg('a', {}, 100);
      phone.send(port, 0, new Uint8Array(160));
      const [id, silentFor] = await next('stopped');
      expect(id).toBe('a');
      expect(silentFor).toBeGreaterThanOrEqual(100);
    });

    it('says once that somebody else sends to its port, who is not heard', async () => {
      const { phone, port } = await leg('a');
      const thief = await RtpPeer.open('127.0.0.66');
      peers.push(thief);
      const told: unknown[] = [];
      subject.plane.on('contested', (...what) => told.push(what));
      phone.send(port, 0, new Uint8Array(160));
      while ((await subject.plane.stats('a')).receivedPackets < 1);
      // While our socket is connected to the peer the kernel keeps others out, but for a moment now and then.
      while (told.length === 0 || (await subject.plane.stats('a')).dropped.stranger < 10) {
        thief.send(port, 0, new Uint8Array(160));
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      const heard = { address: '127.0.0.1', port: phone.port };
      expect(told).toEqual([['a', { address: '127.0.0.66', port: thief.port, heard }]]);
      expect((await subject.plane.stats('a')).receivedPackets).toBe(1);
    });

    it('hears only the address in SDP where it is told so', async () => {
      const { phone, port } = await leg('a', { address: '192.0.2.1', latch: 'never' });
      for (let count = 0; count < 3; count++) phone.send(port, 0, new Uint8Array(160));
      while ((await subject.plane.stats('a')).dropped.stranger < 3);
      expect((await subject.plane.stats('a')).receivedPackets).toBe(0);
    });

    it('hears the peer’s own networks, and nobody else, where SDP has a public address', async () => {
      const { phone, port } = await leg('a', { address: '8.8.8.8', networks: ['127.0.0.1/32'] });
      const thief = await RtpPeer.open('127.0.0.66');
      peers.push(thief);
      for (let count = 0; count < 3; count++) thief.send(port, 0, new Uint8Array(160));
      while ((await subject.plane.stats('a')).dropped.stranger < 3);
      const latched = next('latched');
      for (let count = 0; count < 2; count++) phone.send(port, 0, new Uint8Array(160));
      expect(await latched).toMatchObject(['a', { address: '127.0.0.1', port: phone.port }]);
    });

    it('counts what goes and comes', async () => {
      const { phone, port } = await leg('a');
      for (let count = 0; count < 5; count++) phone.send(port, 0, new Uint8Array(160));
      let stats = await subject.plane.stats('a');
      while (stats.receivedPackets < 5) stats = await subject.plane.stats('a');
      expect(stats).toMatchObject({ lost: 0, dropped: { malformed: 0, payloadType: 0 } });
      expect(stats.receivedOctets).toBeGreaterThan(0);
    });
  });

  describe('what is played', () => {
    it('is heard, and its end is said', async () => {
      const { phone } = await leg('a');
      const played = next('played');
      subject.plane.play('a', { playId: 'p', items: [tone(440, 200), { silence: 40 }], loop: 2 });
      expect(await played).toEqual(['a', { playId: 'p', outcome: 'completed' }]);
      await phone.until(() => phone.packets.length >= 24);
      expect(share(phone.audio('PCMU').subarray(0, 1600), 440)).toBeGreaterThan(0.9);
    });

    it('is stopped by its name only', async () => {
      const { phone } = await leg('a');
      subject.plane.play('a', { playId: 'p', items: [tone(425, 0)], loop: 1 });
      await phone.until(() => phone.packets.length > 5);
      const played = next('played');
      subject.plane.stop('a', 'another');
      subject.plane.stop('a', 'p');
      expect(await played).toEqual(['a', { playId: 'p', outcome: 'stopped' }]);
    });

    it('fails with a reason', async () => {
      await leg('a');
      const played = next('played');
      subject.plane.play('a', { playId: 'p', items: [{ speech: { text: 'hello', voice: 'x' } }], loop: 1 });
      expect(await played).toMatchObject([
        'a',
        { playId: 'p', outcome: 'failed', message: expect.stringContaining('only play tones') },
      ]);
    });
  });

  describe('keys', () => {
    it('are heard', async () => {
      const { phone, port } = await leg('a');
      const heard = next('digit');
      const say = (end: boolean, duration: number, first = false) =>
        phone.send(
          port,
          101,
          Uint8Array.of(DIGITS.indexOf('5'), end ? 0x8a : 0x0a, duration >> 8, duration & 0xff),
          first ? 160 : 0,
          first,
        );
      say(false, 160, true);
      for (let count = 0; count < 3; count++) say(true, 800);
      expect(await heard).toEqual(['a', { digit: '5', duration: 100, source: 'rfc4733' }]);
    });

    it('are sent', async () => {
      const { phone } = await leg('a');
      subject.plane.sendDigits('a', '7');
      await phone.until(() => phone.packets.some(({ header }) => header.payloadType === 101));
      const [first] = phone.packets.filter(({ header }) => header.payloadType === 101);
      expect(first!.payload[0]).toBe(DIGITS.indexOf('7'));
    });
  });

  describe('keys beside Opus', () => {
    /** A press of 100 ms: its begin, and its end three times. */
    const press = (
      { phone, port }: Awaited<ReturnType<typeof leg>>,
      type: number,
      key: string,
      hertz: number,
    ) => {
      const say = (end: boolean, milliseconds: number, first = false): void => {
        const duration = (milliseconds * hertz) / 1000;
        phone.send(
          port,
          type,
          Uint8Array.of(DIGITS.indexOf(key), end ? 0x8a : 0x0a, duration >> 8, duration & 0xff),
          first ? hertz / 4 : 0,
          first,
        );
      };
      say(false, 20, true);
      for (let count = 0; count < 3; count++) say(true, 100);
    };
    const EIGHT: Partial<RemoteMedia> = { codec: 'opus', dtmfPayloadType: 101, dtmfClockRate: 8000 };
    const BOTH: Partial<RemoteMedia> = {
      codec: 'opus',
      dtmfPayloadType: 110,
      otherEvents: [{ payloadType: 101, clockRate: 8000 }],
    };

    it.each([
      ['8000 Hz', EIGHT, 101, 8000],
      ['48000 Hz', BOTH, 110, 48_000],
      ['8000 Hz where others were agreed on', BOTH, 101, 8000],
    ] as const)('are heard in ticks of %s', async (_, remote, type, hertz) => {
      const one = await leg('a', remote);
      const heard = next('digit');
      press(one, type, '5', hertz);
      expect(await heard).toEqual(['a', { digit: '5', duration: 100, source: 'rfc4733' }]);
    });

    /** The keys that a phone got: their payload types, durations and how far apart they began, all in ticks. */
    const got = ({ packets }: RtpPeer) => {
      const ends = packets.filter(
        ({ header, payload }) => header.payloadType >= 101 && payload.length === 4 && payload[1]! & 0x80,
      );
      const byStart = new Map(ends.map((packet) => [packet.header.timestamp, packet]));
      return [...byStart.values()].map(({ header, payload }) => ({
        type: header.payloadType,
        key: DIGITS[payload[0]!],
        duration: (payload[2]! << 8) | payload[3]!,
        timestamp: header.timestamp,
      }));
    };

    it.each([
      ['8000 Hz', EIGHT, 101, 8],
      ['48000 Hz', BOTH, 110, 48],
    ] as const)('are sent in ticks of %s', async (_, remote, type, ticks) => {
      const { phone } = await leg('a', remote);
      subject.plane.sendDigits('a', '7w8');
      await phone.until(() => got(phone).length === 2);
      const [first, second] = got(phone);
      expect([first, second]).toMatchObject([
        { type, key: '7', duration: 100 * ticks },
        { type, key: '8', duration: 100 * ticks },
      ]);
      // Half a second's pause lies between them, and the time that the machine took.
      const apart = (second!.timestamp - first!.timestamp) / ticks;
      expect(apart).toBeGreaterThan(600);
      expect(apart).toBeLessThan(600 * 5);
    });

    it.each([
      ['Opus and its own clock', EIGHT, 101, 8000, BOTH, { type: 110, duration: 4800 }],
      ['Opus and 8000 Hz', BOTH, 110, 48_000, EIGHT, { type: 101, duration: 800 }],
      ['another codec', EIGHT, 101, 8000, {}, { type: 101, duration: 800 }],
      ['another codec from the other clock', BOTH, 110, 48_000, {}, { type: 101, duration: 800 }],
      ['Opus from a codec of 8000 Hz', {}, 101, 8000, EIGHT, { type: 101, duration: 800 }],
    ] as const)('reach a partner with %s', async (_, from, type, hertz, to, expected) => {
      const [ann, ben] = [await leg('a', from), await leg('b', to)];
      subject.plane.bridge('a', 'b');
      await subject.plane.stats('a');
      press(ann, type, '5', hertz);
      await ben.phone.until(() => got(ben.phone).length === 1);
      press(ann, type, '6', hertz);
      await ben.phone.until(() => got(ben.phone).length === 2);
      expect(got(ben.phone)).toMatchObject([
        { ...expected, key: '5' },
        { ...expected, key: '6' },
      ]);
    });
  });

  describe('two sessions that are joined', () => {
    it('hear each other in what each is sent, whichever agreed format the other changes to', async () => {
      const alsoHeard = [
        { codec: 'PCMA', payloadType: 8, dtmfPayloadType: 101 },
        { codec: 'opus', payloadType: 96 },
      ] as const;
      const [ann, ben] = [await leg('a', { alsoHeard }), await leg('b')];
      subject.plane.bridge('a', 'b');
      await subject.plane.stats('a');
      let frequency = 500;
      for (const codec of ['PCMA', 'PCMU', 'opus', 'PCMA'] as const) {
        const from = ben.phone.packets.length;
        const heard = (): Int16Array => ben.phone.audio('PCMU', from).subarray(-1600);
        await ann.phone.speak(ann.port, codec, sine(frequency, 400));
        await ben.phone.until(() => heard().length === 1600 && share(heard(), frequency) > 0.9);
        frequency += 200;
      }
      expect(new Set(ben.phone.packets.map(({ header }) => header.payloadType))).toEqual(new Set([0]));
      expect((await subject.plane.stats('a')).dropped.payloadType).toBe(0);
    });

    it('hear each other, and no more when they are parted', async () => {
      const [ann, ben] = [await leg('a'), await leg('b')];
      const { plane } = subject;
      plane.bridge('a', 'b');
      await plane.stats('a');
      ann.phone.send(ann.port, 0, new Uint8Array(160).fill(0x11), 160, true);
      ben.phone.send(ben.port, 0, new Uint8Array(160).fill(0x22), 160, true);
      const heard = ({ phone }: typeof ann, byte: number) =>
        phone.until(() => phone.packets.some(({ payload }) => payload[0] === byte));
      await Promise.all([heard(ann, 0x22), heard(ben, 0x11)]);
      plane.unbridge('a');
      // What is asked of a session is done in its order.
      await plane.stats('a');
      const before = ben.phone.packets.length;
      ann.phone.send(ann.port, 0, new Uint8Array(160).fill(0x33));
      while ((await plane.stats('a')).receivedPackets < 2);
      expect(ben.phone.packets.slice(before).filter(({ payload }) => payload[0] === 0x33)).toEqual([]);
    });
  });
}

/** Renders `tone` items named `440/200` (hertz, milliseconds; 0 endless), and nothing else. */
export const renderTones =
  (sine: (frequency: number, milliseconds: number) => Int16Array) => async (item: PlayItem) => {
    if (!('tone' in item)) throw new Error('These tests only play tones.');
    const [frequency, milliseconds] = item.tone.name.split('/').map(Number);
    return { samples: sine(frequency!, milliseconds || 100), endless: milliseconds === 0 };
  };
