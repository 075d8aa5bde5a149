import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect } from '@jest/globals';
import type { TandemError } from '@tandem/actors/errors/tandem-error.ts';
import { goertzel, meanSquare } from '../../audio/goertzel.ts';
import { createMediaPlane, type MediaPlaneOptions } from '../create-media-plane.ts';
import { DIGITS } from '../dtmf-event.ts';
import type { MediaEvents, MediaPlane, PlayItem, RemoteMedia } from '../media-plane.ts';
import { RtpPeer, sine } from '../testing/rtp-peer.ts';
import { needWorker } from './testing/need-worker.ts';
import { NumberedTalk } from './testing/numbered-talk.ts';

/** Ports of these tests; other suites use others. */
const PORTS = { first: 22_000, last: 22_099 };

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
    pipes: { ports: { first: 22_200, last: 22_299 } },
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
