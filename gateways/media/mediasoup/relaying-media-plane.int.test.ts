import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TandemError } from '@tandem/actors/errors';
import { portRange } from '@tandem/actors/testing/free-port.ts';
import { countWaits, waited } from '@tandem/actors/testing/machine-waits.ts';
import type { CodecName } from '../../audio/codecs/codec.ts';
import { goertzel, meanSquare } from '../../audio/signal/goertzel.ts';
import type { PlayItem } from '../../audio/speech/play-item.ts';
import { createMediaPlane, type MediaPlaneOptions } from '../create-media-plane.ts';
import type { MediaEvents, MediaPlane, RemoteMedia } from '../plane/media-plane.ts';
import { DIGITS, writeEvent } from '../rtp/dtmf-event.ts';
import { RtpPeer, sine } from '../testing/rtp-peer.ts';
import type { RelayingMediaPlane } from './relaying-media-plane.ts';
import { needWorker } from './testing/need-worker.ts';
import { NumberedTalk } from './testing/numbered-talk.ts';

const PORTS = await portRange(50);
const PIPE_PORTS = await portRange(50);
/** Of a second one, at the same time. */
const OTHER_PORTS = await portRange(50);
const OTHER_PIPE_PORTS = await portRange(50);

const render: MediaPlaneOptions['render'] = async (item) => {
  if (!('tone' in item)) throw new Error('These tests only play tones.');
  const [frequency, milliseconds] = item.tone.name.split('/').map(Number);
  return { samples: sine(frequency!, milliseconds || 100), endless: milliseconds === 0 };
};

const tone = (frequency: number, milliseconds: number): PlayItem => ({
  tone: { name: `${frequency}/${milliseconds}` },
});

const QUIET = { hears: false };

let plane: MediaPlane;
let faults: TandemError[];
let opened: { close(): unknown }[];
let talks: NumberedTalk[];

const open = (options: Partial<MediaPlaneOptions> = {}): MediaPlane => {
  const made = createMediaPlane({
    bindAddress: '127.0.0.1',
    ports: PORTS,
    pipes: { ports: PIPE_PORTS },
    relay: { lookEvery: 100 },
    onFault: (error) => faults.push(error),
    render,
    ...options,
  });
  opened.push(made);
  return made;
};

const leg = async (id: string, changes: Partial<RemoteMedia> = {}, on = plane, silenceLimit = 0) => {
  const phone = await RtpPeer.open();
  opened.push(phone);
  const { port } = await on.allocate({ id, silenceLimit });
  await on.connect(id, phone.remote(changes));
  const talk = (payloadType?: number) => {
    const started = new NumberedTalk(phone, () => port, payloadType);
    talks.push(started);
    return started;
  };
  return { id, phone, port, talk };
};

const isRelayed = (id: string, on = plane): boolean => (on as RelayingMediaPlane).isRelayed(id);

const bridgeQuietly = (a: string, b: string, on = plane): void => {
  on.bridge(a, b, QUIET);
  on.bridge(b, a, QUIET);
};

/** The SSRCs that a phone has heard, in the order in which each came first or came again after another. */
const streams = (phone: RtpPeer): number[] => {
  const seen: number[] = [];
  for (const { header } of phone.packets) if (header.ssrc !== seen.at(-1)) seen.push(header.ssrc);
  return seen;
};

/** Resolves when both have heard so many streams, one after the other. */
const heardStreams = async (count: number, ...phones: RtpPeer[]): Promise<void> => {
  for (const phone of phones) await phone.until(() => streams(phone).length >= count);
};

const more = (phone: RtpPeer, count: number): Promise<void> => {
  const from = phone.packets.length;
  return phone.until(() => phone.packets.length >= from + count);
};

const hearsTone = (phone: RtpPeer, frequency: number, from = 0): Promise<void> =>
  phone.until(() => {
    const audio = phone.audio('PCMU', from).subarray(-1600);
    return audio.length === 1600 && goertzel(audio, frequency) / meanSquare(audio) > 0.8;
  });

const event = async <E extends keyof MediaEvents>(name: E, on = plane): Promise<MediaEvents[E]> =>
  new Promise((resolve) => {
    const listener = (...args: MediaEvents[E]) => {
      on.off(name, listener);
      resolve(args);
    };
    on.on(name, listener);
  });

const press = (phone: RtpPeer, port: number, digit: string): void => {
  const say = (end: boolean, duration: number, first: boolean) =>
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

beforeEach(() => {
  [faults, opened, talks] = [[], [], []];
  plane = open();
});

afterEach(async () => {
  for (const talk of talks) talk.stop();
  await Promise.all(opened.map((one) => one.close()));
});

describe('a bridge that nobody listens to', () => {
  needWorker('is handed over to a worker and taken back, and hardly a packet is lost', async () => {
    const [a, b] = [await leg('a'), await leg('b')];
    a.talk();
    b.talk();
    bridgeQuietly('a', 'b');
    await heardStreams(2, a.phone, b.phone);
    await Promise.all([more(a.phone, 50), more(b.phone, 50)]);
    const before = a.phone.packets.length;
    plane.play('a', { playId: 'p', items: [tone(440, 400)], loop: 1 });
    await hearsTone(a.phone, 440, before);
    // Our own stream again, the one from before, and then another of the worker's.
    await heardStreams(4, a.phone, b.phone);
    await more(b.phone, 25);

    for (const phone of [a.phone, b.phone]) {
      const [ours, relayed, again] = streams(phone);
      expect(again).toBe(ours);
      expect(relayed).not.toBe(ours);
    }
    // Two hand-overs and one taking back.
    expect(NumberedTalk.missing(b.phone).length).toBeLessThanOrEqual(2);
    expect(faults).toEqual([]);
  });

  needWorker('passes keys on, and is heard again when somebody wants to listen', async () => {
    const [a, b] = [await leg('a'), await leg('b')];
    a.talk();
    b.talk();
    bridgeQuietly('a', 'b');
    await heardStreams(2, a.phone, b.phone);
    press(a.phone, a.port, '5');
    const events = () => b.phone.packets.filter(({ header }) => header.payloadType === 101);
    await b.phone.until(() => events().length === 7);
    expect(events()[0]!.payload[0]).toBe(5);
    plane.bridge('a', 'b', { hears: true });
    await heardStreams(3, b.phone);
    const digit = event('digit');
    press(a.phone, a.port, '7');
    expect(await digit).toMatchObject(['a', { digit: '7', source: 'rfc4733' }]);
  });

  needWorker('lets a key end that is being pressed', async () => {
    const [a, b] = [await leg('a'), await leg('b')];
    const talk = a.talk();
    b.talk();
    // The worker runs already, or it would come too late.
    bridgeQuietly('a', 'b');
    await heardStreams(2, a.phone, b.phone);
    plane.bridge('a', 'b', { hears: true });
    await heardStreams(3, a.phone, b.phone);
    // A telephone that sends a key sends nothing else meanwhile.
    talk.stop();
    const say = (end: boolean, duration: number): void =>
      a.phone.send(
        a.port,
        101,
        Uint8Array.of(5, end ? 0x8a : 0x0a, duration >> 8, duration & 0xff),
        duration === 160 ? 160 : 0,
        duration === 160,
      );
    say(false, 160);
    await b.phone.until(() => b.phone.packets.some(({ header }) => header.payloadType === 101));
    bridgeQuietly('a', 'b');
    for (let duration = 320; duration <= 3200; duration += 160) {
      say(false, duration);
      await more(a.phone, 1);
    }
    for (let i = 0; i < 3; i++) say(true, 3200);
    const ends = () =>
      b.phone.packets.filter(({ header, payload }) => header.payloadType === 101 && payload[1]! & 0x80);
    await b.phone.until(() => ends().length === 3);
    a.talk();
    await heardStreams(4, b.phone);
  });

  needWorker('is measured all along', async () => {
    const [a, b] = [await leg('a'), await leg('b')];
    const talk = a.talk();
    b.talk();
    bridgeQuietly('a', 'b');
    await heardStreams(2, a.phone, b.phone);
    await more(b.phone, 30);
    talk.stop();
    plane.unbridge('a');
    // What was on its way has arrived once our code has counted it.
    let stats = await plane.stats('a');
    while (stats.receivedPackets < talk.sent - 1) stats = await plane.stats('a');
    expect(stats).toMatchObject({ lost: expect.any(Number), mos: expect.any(Number) });
    expect(stats.lost).toBeLessThanOrEqual(1);
    expect(stats.receivedOctets).toBe(stats.receivedPackets * 160);
  });

  needWorker('is taken back when a peer changes its SSRC, or sends from elsewhere', async () => {
    const [a, b] = [await leg('a'), await leg('b')];
    a.talk();
    b.talk();
    bridgeQuietly('a', 'b');
    await heardStreams(2, a.phone, b.phone);
    a.phone.ssrc = 0x0bad_cafe;
    await heardStreams(4, b.phone);
    const roaming = await RtpPeer.open();
    opened.push(roaming);
    const latched = event('latched');
    for (const talk of talks.splice(0, 1)) talk.stop();
    talks.push(new NumberedTalk(roaming, () => a.port));
    expect(await latched).toMatchObject(['a', { port: roaming.port }]);
    await more(roaming, 10);
  });

  needWorker('is taken back when a peer changes to another format that was agreed', async () => {
    const alsoHeard = [{ codec: 'PCMA', payloadType: 8, dtmfPayloadType: 101 }] as const;
    const [a, b] = [await leg('a', { alsoHeard }), await leg('b')];
    const talk = a.talk();
    b.talk();
    bridgeQuietly('a', 'b');
    await heardStreams(2, a.phone, b.phone);
    talk.payloadType = 8;
    await heardStreams(3, a.phone, b.phone);
    await more(b.phone, 30);
    // It stays with us until what is sent and heard is the same again.
    expect(isRelayed('a')).toBe(false);
    expect(streams(b.phone)).toHaveLength(3);
    talk.payloadType = 0;
    await heardStreams(4, a.phone, b.phone);
    expect(new Set(b.phone.packets.map(({ header }) => header.payloadType))).toEqual(new Set([0]));
  });

  describe('looked at no more often than in production', () => {
    /** Milliseconds of what one says that another misses from the first packet of a change to the first it hears. */
    const missed = (phone: RtpPeer, from: number): number => {
      const numbers = NumberedTalk.numbers(phone).sort((one, other) => one - other);
      const next = numbers.find((number) => number >= from);
      return next === undefined ? Number.POSITIVE_INFINITY : (next - from) * 20;
    };

    /** Two who talk, in the hands of a worker. */
    const talking = async (changes: Partial<RemoteMedia> = {}) => {
      plane = open({ ports: OTHER_PORTS, relay: {} });
      const [a, b] = [await leg('a', changes), await leg('b')];
      const talk = a.talk();
      b.talk();
      countWaits();
      bridgeQuietly('a', 'b');
      await heardStreams(2, a.phone, b.phone);
      return { a, b, talk };
    };

    needWorker('loses less than half a second of a peer that changes its SSRC', async () => {
      const { a, b, talk } = await talking();
      const gaps: number[] = [];
      for (const ssrc of [1, 2, 3]) {
        const from = talk.sent;
        a.phone.ssrc = ssrc;
        // Our stream, and then another of the worker's.
        await heardStreams(streams(b.phone).length + 2, b.phone);
        gaps.push(missed(b.phone, from));
      }
      console.info(`Lost at a change of SSRC: ${gaps.join(', ')} ms`);
      for (const gap of gaps) expect(gap).toBeLessThan(500 + waited());
    });

    needWorker('loses no more of one that changes its format', async () => {
      const { a, b, talk } = await talking({ alsoHeard: [{ codec: 'PCMA', payloadType: 8 }] });
      const before = b.phone.packets.length;
      talk.payloadType = 8;
      const from = talk.sent;
      await heardStreams(streams(b.phone).length + 1, b.phone);
      const heard = b.phone.packets.length - before;
      // What b hears of it is coded anew, so its numbers are not in it: it is counted by what was said meanwhile.
      const gap = (talk.sent - from - heard) * 20;
      console.info(`Lost at a change of format: ${gap} ms`);
      expect(gap).toBeLessThan(500 + waited());
      expect(isRelayed(a.id)).toBe(false);
    });

    needWorker('loses about a second of one that goes elsewhere, half of it to be sure of that', async () => {
      const { a, b, talk } = await talking();
      const roaming = await RtpPeer.open();
      opened.push(roaming);
      talk.stop();
      const elsewhere = new NumberedTalk(roaming, () => a.port);
      elsewhere.sent = talk.sent;
      talks.push(elsewhere);
      await heardStreams(streams(b.phone).length + 1, b.phone);
      await more(roaming, 10);
      const gap = missed(b.phone, talk.sent);
      console.info(`Lost at a change of address: ${gap} ms`);
      expect(gap).toBeLessThan(1200 + waited());
    });
  });

  needWorker(
    'takes the packets back when somebody else sends to a port, and hears the peer only',
    async () => {
      const digits: MediaEvents['digit'][] = [];
      plane.on('digit', (...what) => digits.push(what));
      const contested = new Promise((resolve) => plane.on('contested', (...what) => resolve(what)));
      const [a, b] = [await leg('a'), await leg('b')];
      a.talk();
      b.talk();
      bridgeQuietly('a', 'b');
      await heardStreams(2, a.phone, b.phone);
      const thief = await RtpPeer.open('127.0.0.66');
      opened.push(thief);
      const stolen = new NumberedTalk(thief, () => a.port);
      talks.push(stolen);
      expect(await contested).toMatchObject(['a', { address: '127.0.0.66', port: thief.port }]);
      expect(isRelayed('a')).toBe(false);
      const event = new Uint8Array(4);
      writeEvent(event, 0, { event: 5, end: true, volume: 10, duration: 800 });
      for (let i = 0; i < 20; i++) thief.send(a.port, 101, event, 1600, true);
      await more(a.phone, 20);
      await more(b.phone, 20);
      expect(thief.packets).toEqual([]);
      expect(digits).toEqual([]);
    },
  );

  needWorker('reports a peer that has fallen silent, in time and once', async () => {
    const [a, b] = [await leg('a', {}, plane, 600), await leg('b')];
    const talk = a.talk();
    b.talk();
    bridgeQuietly('a', 'b');
    await heardStreams(2, a.phone, b.phone);
    const stopped = event('stopped');
    talk.stop();
    expect((await stopped)[0]).toBe('a');
  });

  needWorker('stays with our code where the sound must be made another', async () => {
    const [a, b] = [await leg('a'), await leg('b', { codec: 'PCMA' })];
    a.talk();
    b.talk(8);
    bridgeQuietly('a', 'b');
    await Promise.all([more(a.phone, 40), more(b.phone, 40)]);
    expect(streams(a.phone)).toHaveLength(1);
  });

  needWorker('is taken back for good from a peer that sends more than a telephone', async () => {
    const [a, b] = [await leg('a'), await leg('b')];
    a.talk();
    b.talk();
    bridgeQuietly('a', 'b');
    await heardStreams(2, a.phone, b.phone);
    for (let i = 0; i < 20; i++) a.talk();
    await heardStreams(3, a.phone);
    const { dropped } = await plane.stats('a');
    while ((await plane.stats('a')).dropped.rate === dropped.rate) await more(a.phone, 1);
    for (const talk of talks.splice(2)) talk.stop();
    await more(a.phone, 20);
    expect(isRelayed('a')).toBe(false);
    expect(faults).toEqual([]);
  });

  needWorker('goes on when its worker is killed', async () => {
    const pids = workersOf(process.pid);
    const [a, b] = [await leg('a'), await leg('b')];
    a.talk();
    b.talk();
    bridgeQuietly('a', 'b');
    await heardStreams(2, a.phone, b.phone);
    const [pid] = workersOf(process.pid).filter((one) => !pids.includes(one));
    process.kill(pid!, 'SIGKILL');
    await heardStreams(4, a.phone, b.phone);
    expect(faults.map(({ code }) => code)).toEqual(['media.relay-lost']);
    expect(streams(b.phone)[2]).toBe(streams(b.phone)[0]);
  });
});

describe('a pipe between two media planes', () => {
  let far: MediaPlane;

  beforeEach(() => {
    far = open({ ports: OTHER_PORTS, pipes: { ports: OTHER_PIPE_PORTS } });
  });

  /** Both ends of a pipe, by the same name in both planes. */
  const join = async (id: string, one = plane, other = far, codec: CodecName = 'PCMU', room?: string) => {
    const ends = await Promise.all([one.openPipe({ id, codec, room }), other.openPipe({ id, codec, room })]);
    await Promise.all([one.connectPipe(id, ends[1]), other.connectPipe(id, ends[0])]);
    return ends;
  };

  needWorker('is passed by our code on both sides when nobody listens', async () => {
    const here = await leg('here');
    const there = await leg('there', {}, far);
    await join('pipe');
    here.talk();
    there.talk();
    bridgeQuietly('here', 'pipe');
    bridgeQuietly('there', 'pipe', far);
    await here.phone.until(() => isRelayed('here', plane) && isRelayed('there', far));
    await Promise.all([more(here.phone, 50), more(there.phone, 50)]);
    // Played at one end, it takes that end back, and the other goes on by itself.
    const from = there.phone.packets.length;
    far.play('there', { playId: 'p', items: [tone(440, 400)], loop: 1 });
    await hearsTone(there.phone, 440, from);
    await Promise.all([more(here.phone, 60), more(there.phone, 60)]);
    expect(NumberedTalk.missing(here.phone).length).toBeLessThanOrEqual(4);
    expect(faults).toEqual([]);
  });

  needWorker('joined with another is a relay, with our code and past it', async () => {
    const third = open({
      ports: OTHER_PORTS,
      pipes: { ports: OTHER_PIPE_PORTS },
    });
    const here = await leg('here');
    const there = await leg('there', {}, third);
    await join('first', plane, far, 'PCMU', 'CA1');
    await join('second', far, third, 'PCMU', 'CA1');
    here.talk();
    there.talk();
    plane.bridge('here', 'first');
    third.bridge('there', 'second');
    far.bridge('first', 'second');
    await Promise.all([more(here.phone, 20), more(there.phone, 20)]);
    bridgeQuietly('first', 'second', far);
    const heard = streams(here.phone).length;
    expect(heard).toBe(1);
    await here.phone.until(() => isRelayed('first', far));
    await Promise.all([more(here.phone, 30), more(there.phone, 30)]);
    // Everything again, now that all three let their packets pass.
    bridgeQuietly('here', 'first');
    bridgeQuietly('there', 'second', third);
    await here.phone.until(() => isRelayed('here', plane) && isRelayed('there', third));
    await Promise.all([more(here.phone, 30), more(there.phone, 30)]);
    expect(isRelayed('second', far)).toBe(true);
    const from = here.phone.packets.length;
    far.play('first', { playId: 'p', items: [tone(440, 400)], loop: 1 });
    await hearsTone(here.phone, 440, from);
    await Promise.all([more(here.phone, 60), more(there.phone, 60)]);
    expect(NumberedTalk.missing(there.phone).length).toBeLessThanOrEqual(6);
  });

  needWorker('is reported as stopped when its worker is killed, and another can be opened', async () => {
    const before = workersOf(process.pid);
    await plane.openPipe({ id: 'pipe', codec: 'PCMU' });
    const [pid] = workersOf(process.pid).filter((one) => !before.includes(one));
    const stopped = event('stopped');
    process.kill(pid!, 'SIGKILL');
    expect(await stopped).toEqual(['pipe', 0]);
    await expect(plane.stats('pipe')).rejects.toMatchObject({ code: 'media.unknown-session' });
    await expect(plane.openPipe({ id: 'another', codec: 'PCMU' })).resolves.toBeDefined();
  });
});

describe('the end', () => {
  needWorker('of the plane leaves no process and no port, also in the middle of a relay', async () => {
    const [a, b] = [await leg('a'), await leg('b')];
    a.talk();
    b.talk();
    bridgeQuietly('a', 'b');
    await plane.openPipe({ id: 'pipe', codec: 'PCMU' });
    await heardStreams(2, a.phone, b.phone);
    expect(workersOf(process.pid)).toHaveLength(1);
    await plane.close();
    expect(workersOf(process.pid)).toEqual([]);
    const socket = createSocket('udp4');
    socket.bind(a.port, '127.0.0.1');
    await once(socket, 'listening');
    socket.close();
    await expect(plane.openPipe({ id: 'late', codec: 'PCMU' })).rejects.toMatchObject({
      code: 'media.closed',
    });
  });

  needWorker('of a session gives its port back, also in the middle of a relay', async () => {
    const [a, b] = [await leg('a'), await leg('b')];
    a.talk();
    b.talk();
    bridgeQuietly('a', 'b');
    await heardStreams(2, a.phone, b.phone);
    await plane.release('a');
    const socket = createSocket('udp4');
    socket.bind(a.port, '127.0.0.1');
    await once(socket, 'listening');
    socket.close();
    const from = b.phone.packets.length;
    plane.play('b', { playId: 'p', items: [tone(440, 400)], loop: 1 });
    await hearsTone(b.phone, 440, from);
  });

  it('of a worker that never was: bridges stay with our code', async () => {
    const alone = open({ relay: { binary: '' }, ports: OTHER_PORTS });
    const [a, b] = [await leg('a', {}, alone), await leg('b', {}, alone)];
    a.talk();
    bridgeQuietly('a', 'b', alone);
    await more(b.phone, 10);
  });
});

/** mediasoup's workers that a process has started. */
function workersOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        const [, , ppid] = stat.slice(stat.lastIndexOf(')')).split(' ');
        return Number(ppid) === parent && stat.includes('(mediasoup-worke)');
      } catch {
        return false;
      }
    });
}
