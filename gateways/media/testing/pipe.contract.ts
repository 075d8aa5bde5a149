import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, beforeEach, expect } from '@jest/globals';
import type { TandemError } from '@tandem/actors/errors';
import { portRange } from '@tandem/actors/testing/free-port.ts';
import type { DeclareTest } from '@tandem/actors/testing/need-program.ts';
import type { CodecName } from '../../audio/codecs/codec.ts';
import { goertzel, meanSquare } from '../../audio/signal/goertzel.ts';
import type { PlayItem } from '../../audio/speech/play-item.ts';
import { createMediaPlane, type MediaPlaneOptions } from '../create-media-plane.ts';
import { RelayingMediaPlane } from '../mediasoup/relaying-media-plane.ts';
import { NumberedTalk } from '../mediasoup/testing/numbered-talk.ts';
import type { MediaEvents, MediaPlane, PipeEnd } from '../plane/media-plane.ts';
import { DIGITS } from '../rtp/dtmf-event.ts';
import type { PortRange } from '../rtp/port-pool.ts';
import { renderTones } from './media-plane.contract.ts';
import { RtpPeer, sine } from './rtp-peer.ts';

/** How a media plane comes by its pipes. */
export type PipeKind = NonNullable<MediaPlaneOptions['relay']>;

const PORTS = await portRange(30);
const PIPE_PORTS = await portRange(12);
const OTHER_PORTS = await portRange(30);
const OTHER_PIPE_PORTS = await portRange(12);

const QUIET = { hears: false };

const tone = (frequency: number, milliseconds: number): PlayItem => ({
  tone: { name: `${frequency}/${milliseconds}` },
});

const more = (phone: RtpPeer, count: number): Promise<void> => {
  const from = phone.packets.length;
  return phone.until(() => phone.packets.length >= from + count);
};

/** Resolves when a tone is heard, in any 200 ms of what came from there on. */
const hearsTone = (phone: RtpPeer, frequency: number, from = 0): Promise<void> =>
  phone.until(() => {
    const audio = phone.audio('PCMU', from).subarray(-1600);
    return audio.length === 1600 && goertzel(audio, frequency) / meanSquare(audio) > 0.8;
  });

const event = <E extends keyof MediaEvents>(name: E, on: MediaPlane): Promise<MediaEvents[E]> =>
  new Promise((resolve) => {
    const listener = (...args: MediaEvents[E]): void => {
      on.off(name, listener);
      resolve(args);
    };
    on.on(name, listener);
  });

const press = (phone: RtpPeer, port: number, digit: string): void => {
  const say = (end: boolean, duration: number, first: boolean): void =>
    phone.send(
      port,
      101,
      Uint8Array.of(DIGITS.indexOf(digit), end ? 0x8a : 0x0a, duration >> 8, duration & 0xff),
      first ? 160 : 0,
      first,
    );
  for (const duration of [160, 320, 480, 640]) say(false, duration, duration === 160);
  for (let i = 0; i < 3; i++) say(true, 800, false);
};

/** What passes between the ends of a pipe, which whoever has the way may look at, hold back and send again. */
interface Between {
  readonly packets: { readonly towards: 'here' | 'there'; readonly bytes: Buffer }[];
  /** Sends bytes on the way, as if the other end had. */
  inject(towards: 'here' | 'there', bytes: Uint8Array): void;
}

/** What a pipe does, whoever has its ends: our own code, or mediasoup's worker. */
export function pipeContract(
  test: DeclareTest,
  kinds: { readonly here: PipeKind; readonly there: PipeKind },
): void {
  let here: MediaPlane;
  let there: MediaPlane;
  let faults: TandemError[];
  let opened: { close(): unknown }[];
  let talks: NumberedTalk[];

  const open = (relay: PipeKind, ports: PortRange, pipePorts: PortRange): MediaPlane => {
    const plane = createMediaPlane({
      bindAddress: '127.0.0.1',
      ports,
      pipes: { ports: pipePorts },
      relay: { lookEvery: 100, ...relay },
      onFault: (error) => faults.push(error),
      render: renderTones(sine),
    });
    opened.push(plane);
    return plane;
  };

  beforeEach(() => {
    [faults, opened, talks] = [[], [], []];
    here = open(kinds.here, PORTS, PIPE_PORTS);
    there = open(kinds.there, OTHER_PORTS, OTHER_PIPE_PORTS);
  });

  afterEach(async () => {
    for (const talk of talks) talk.stop();
    await Promise.all(opened.map((one) => one.close()));
  });

  const leg = async (id: string, on: MediaPlane) => {
    const phone = await RtpPeer.open();
    opened.push(phone);
    const { port } = await on.allocate({ id, silenceLimit: 0 });
    await on.connect(id, phone.remote());
    const talk = (): NumberedTalk => {
      const started = new NumberedTalk(phone, () => port);
      talks.push(started);
      return started;
    };
    return { phone, port, talk };
  };

  /** Both ends of a pipe, by the same name in both planes. */
  const join = async (
    id: string,
    one: MediaPlane,
    other: MediaPlane,
    codec: CodecName = 'PCMU',
    room?: string,
  ) => {
    const ends = await Promise.all([one.openPipe({ id, codec, room }), other.openPipe({ id, codec, room })]);
    await Promise.all([one.connectPipe(id, ends[1]), other.connectPipe(id, ends[0])]);
    return ends;
  };

  const bridgeQuietly = (a: string, b: string, on: MediaPlane): void => {
    on.bridge(a, b, QUIET);
    on.bridge(b, a, QUIET);
  };

  /** Whether the packets pass our code by, where they can. */
  const isQuiet = (id: string, on: MediaPlane): boolean =>
    !(on instanceof RelayingMediaPlane) || on.isRelayed(id);

  /** A pipe through two sockets of somebody else's. */
  const joinThrough = async (id: string): Promise<Between> => {
    const sockets: Socket[] = [];
    for (let i = 0; i < 2; i++) {
      const socket = createSocket('udp4');
      socket.bind(0, '127.0.0.1');
      await once(socket, 'listening');
      opened.push(socket);
      sockets.push(socket);
    }
    const [near, far] = sockets as [Socket, Socket];
    const ends: PipeEnd[] = [];
    for (const plane of [here, there]) ends.push(await plane.openPipe({ id, codec: 'PCMU' }));
    const packets: Between['packets'] = [];
    // `far` stands where the end that is there seems to be for the one that is here, and the other way round.
    const inject = (towards: 'here' | 'there', bytes: Uint8Array): void => {
      if (towards === 'there') near.send(bytes, ends[1]!.port, '127.0.0.1');
      else far.send(bytes, ends[0]!.port, '127.0.0.1');
    };
    far.on('message', (bytes) => {
      packets.push({ towards: 'there', bytes });
      inject('there', bytes);
    });
    near.on('message', (bytes) => {
      packets.push({ towards: 'here', bytes });
      inject('here', bytes);
    });
    await here.connectPipe(id, { ...ends[1]!, port: far.address().port });
    await there.connectPipe(id, { ...ends[0]!, port: near.address().port });
    return { packets, inject };
  };

  test('carries speech, keys and what is played, both ways', async () => {
    const [ann, ben] = [await leg('ann', here), await leg('ben', there)];
    await join('pipe', here, there);
    here.bridge('ann', 'pipe');
    there.bridge('ben', 'pipe');
    await Promise.all([
      ann.phone.speak(ann.port, 'PCMU', sine(600, 1200), 20),
      ben.phone.speak(ben.port, 'PCMU', sine(900, 1200), 20),
      hearsTone(ben.phone, 600),
      hearsTone(ann.phone, 900),
    ]);
    for (const [from, plane] of [
      [ann, there],
      [ben, here],
    ] as const) {
      const digit = event('digit', plane);
      press(from.phone, from.port, '9');
      expect(await digit).toMatchObject(['pipe', { digit: '9', source: 'rfc4733' }]);
    }
    for (const [plane, other, { phone }] of [
      [here, there, ben],
      [there, here, ann],
    ] as const) {
      const [from, played] = [phone.packets.length, event('played', plane)];
      plane.play('pipe', { playId: 'remote speech', items: [tone(1200, 400)], loop: 1 });
      await hearsTone(phone, 1200, from);
      expect(await played).toEqual(['pipe', { playId: 'remote speech', outcome: 'completed' }]);
      const digit = event('digit', other);
      plane.sendDigits('pipe', '4');
      expect(await digit).toMatchObject(['pipe', { digit: '4' }]);
    }
    expect(faults).toEqual([]);
  });

  for (const codec of ['PCMA', 'G722', 'opus'] as const) {
    test(`carries ${codec}`, async () => {
      const [ann, ben] = [await leg('ann', here), await leg('ben', there)];
      await join('pipe', here, there, codec);
      here.bridge('ann', 'pipe');
      there.bridge('ben', 'pipe');
      await Promise.all([ann.phone.speak(ann.port, 'PCMU', sine(600, 1200), 20), hearsTone(ben.phone, 600)]);
      await Promise.all([ben.phone.speak(ben.port, 'PCMU', sine(900, 1200), 20), hearsTone(ann.phone, 900)]);
    });
  }

  test('goes on when an end passes its packets on in another way, and when it takes them back', async () => {
    const [ann, ben] = [await leg('ann', here), await leg('ben', there)];
    await join('pipe', here, there);
    ann.talk();
    ben.talk();
    bridgeQuietly('ann', 'pipe', here);
    bridgeQuietly('ben', 'pipe', there);
    await ann.phone.until(() => isQuiet('ann', here) && isQuiet('ben', there));
    await Promise.all([more(ann.phone, 50), more(ben.phone, 50)]);
    for (const [plane, id, { phone }] of [
      [here, 'ann', ann],
      [there, 'ben', ben],
    ] as const) {
      const from = phone.packets.length;
      plane.play(id, { playId: `for ${id}`, items: [tone(440, 400)], loop: 1 });
      await hearsTone(phone, 440, from);
      await Promise.all([more(ann.phone, 60), more(ben.phone, 60)]);
    }
    expect(faults).toEqual([]);
  });

  test('joined with another is a way through', async () => {
    const third = open(kinds.here, PORTS, PIPE_PORTS);
    const [ann, ben] = [await leg('ann', here), await leg('ben', third)];
    await join('first', here, there, 'PCMU', 'CA1');
    await join('second', there, third, 'PCMU', 'CA1');
    here.bridge('ann', 'first');
    third.bridge('ben', 'second');
    bridgeQuietly('first', 'second', there);
    await Promise.all([
      ann.phone.speak(ann.port, 'PCMU', sine(600, 1200), 20),
      ben.phone.speak(ben.port, 'PCMU', sine(900, 1200), 20),
      hearsTone(ben.phone, 600),
      hearsTone(ann.phone, 900),
    ]);
  });

  test('is watched for silence: nobody is behind it any more', async () => {
    const ben = await leg('ben', there);
    const ends = await Promise.all([
      here.openPipe({ id: 'pipe', codec: 'PCMU', silenceLimit: 3000 }),
      there.openPipe({ id: 'pipe', codec: 'PCMU' }),
    ]);
    await Promise.all([here.connectPipe('pipe', ends[1]), there.connectPipe('pipe', ends[0])]);
    there.bridge('ben', 'pipe');
    const talk = ben.talk();
    let stats = await here.stats('pipe');
    while (stats.receivedPackets < 20) stats = await here.stats('pipe');
    const stopped = event('stopped', here);
    talk.stop();
    // Reports of the end there are no sign of life of whoever is behind it.
    here.play('pipe', { playId: 'p', items: [tone(440, 0)], loop: 1 });
    expect((await stopped)[0]).toBe('pipe');
  });

  test('is encrypted, and hears nothing that is sent again or was changed on the way', async () => {
    const [ann, ben] = [await leg('ann', here), await leg('ben', there)];
    const { packets, inject } = await joinThrough('pipe');
    here.bridge('ann', 'pipe');
    there.bridge('ben', 'pipe');
    ann.talk();
    ben.talk();
    await Promise.all([more(ann.phone, 20), more(ben.phone, 20)]);
    const sound = packets.filter(({ bytes }) => bytes[1]! % 128 === 0);
    for (const towards of ['here', 'there'] as const) {
      const theirs = sound.filter((one) => one.towards === towards);
      expect(theirs.length).toBeGreaterThan(10);
      // µ-law silence is all ones; no run of it is left.
      for (const { bytes } of theirs) expect(bytes.includes(Buffer.alloc(8, 0xff))).toBe(false);
      expect(theirs[0]!.bytes.length).toBeGreaterThan(12 + 160 + 16);
    }
    for (const { towards, bytes } of sound) {
      inject(towards, bytes);
      const forged = Buffer.from(bytes);
      forged.writeUInt16BE((bytes.readUInt16BE(2) + 1000) & 0xffff, 2);
      inject(towards, forged);
    }
    await Promise.all([more(ann.phone, 50), more(ben.phone, 50)]);
    for (const { phone } of [ann, ben]) {
      const heard = phone.packets.map(({ header }) => header.sequence);
      expect(new Set(heard).size).toBe(heard.length);
      // A forged number would have been a leap.
      expect(Math.max(...heard.slice(1).map((one, i) => (one - heard[i]!) & 0xffff))).toBeLessThan(900);
    }
  });

  test('refuses a second other end, and one that is none', async () => {
    const ends = await join('pipe', here, there);
    const bad = { code: 'media.bad-pipe-end' };
    await expect(here.connectPipe('pipe', ends[1])).resolves.toBeUndefined();
    await expect(here.connectPipe('pipe', { ...ends[1], port: 9 })).rejects.toMatchObject(bad);
    await here.openPipe({ id: 'other', codec: 'PCMU' });
    await expect(here.connectPipe('other', { ...ends[1], address: 'nowhere' })).rejects.toMatchObject(bad);
    const srtp = { ...ends[1].srtp, keyBase64: 'c2hvcnQ=' };
    await expect(here.connectPipe('other', { ...ends[1], srtp })).rejects.toMatchObject(bad);
    await expect(here.connectPipe('nobody', ends[1])).rejects.toMatchObject({
      code: 'media.unknown-session',
    });
    expect(await here.openPipe({ id: 'pipe', codec: 'PCMU' })).toEqual(ends[0]);
  });

  test('has a key of its own, the same when it is asked for at the same time', async () => {
    const ask = (id: string): Promise<PipeEnd> => here.openPipe({ id, codec: 'PCMU' });
    const [one, same, other] = await Promise.all([ask('one'), ask('one'), ask('other')]);
    expect(same).toEqual(one);
    expect(one!.srtp.cryptoSuite).toBe('AEAD_AES_256_GCM');
    expect(Buffer.from(one!.srtp.keyBase64, 'base64')).toHaveLength(44);
    expect(other!.srtp.keyBase64).not.toBe(one!.srtp.keyBase64);
    expect(other!.port).not.toBe(one!.port);
  });

  test('has no port when all are taken, and one again after a release', async () => {
    const few = open(kinds.here, PORTS, { first: PIPE_PORTS.first, last: PIPE_PORTS.first + 3 });
    await few.openPipe({ id: 'a', codec: 'PCMU' });
    await few.openPipe({ id: 'b', codec: 'PCMU' });
    await expect(few.openPipe({ id: 'c', codec: 'PCMU' })).rejects.toMatchObject({ code: 'media.no-ports' });
    await few.release('a');
    await expect(few.openPipe({ id: 'c', codec: 'PCMU' })).resolves.toMatchObject({ address: '127.0.0.1' });
  });
}
