import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { goertzel, meanSquare } from '../audio/goertzel.ts';
import type { MediaEvents, PlayItem } from './media-plane.ts';
import { createMediaPlane, type MediaPlaneOptions, type RtpMediaPlane } from './rtp-media-plane.ts';
import { RtpPeer, sine } from './testing/rtp-peer.ts';

/** Ports of these tests; other suites use others. */
const PORTS = { first: 21_000, last: 21_099 };

const render: MediaPlaneOptions['render'] = async (item) => {
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
let peers: RtpPeer[] = [];

const open = (options: Partial<MediaPlaneOptions> = {}): void => {
  plane = createMediaPlane({ bindAddress: '127.0.0.1', ports: PORTS, render, ...options });
};

const peer = async (): Promise<RtpPeer> => {
  const opened = await RtpPeer.open();
  peers.push(opened);
  return opened;
};

const event = async <E extends keyof MediaEvents>(name: E): Promise<MediaEvents[E]> =>
  (await once(plane, name)) as MediaEvents[E];

beforeEach(() => open());

afterEach(async () => {
  await plane.close();
  for (const opened of peers) opened.close();
  peers = [];
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
});

describe('bridging', () => {
  it('lets each hear the other, whatever their codecs', async () => {
    const [caller, callee] = [await peer(), await peer()];
    const a = await plane.allocate({ id: 'a', silenceLimit: 0 });
    const b = await plane.allocate({ id: 'b', silenceLimit: 0 });
    await plane.connect('a', caller.remote());
    await plane.connect('b', callee.remote({ codec: 'PCMA' }));
    plane.bridge('a', 'b');
    await Promise.all([
      caller.speak(a.port, 'PCMU', sine(500, 400)),
      callee.speak(b.port, 'PCMA', sine(900, 400)),
    ]);
    await callee.until(() => callee.packets.length === 20);
    await caller.until(() => caller.packets.length === 20);
    expect(share(callee.audio('PCMA'), 500)).toBeGreaterThan(0.9);
    expect(share(caller.audio('PCMU'), 900)).toBeGreaterThan(0.9);
    expect(callee.packets[0]!.header.ssrc).not.toBe(caller.ssrc);
  });
});

describe('ports', () => {
  it('passes over one that somebody else uses', async () => {
    const other = createSocket('udp4');
    other.bind(PORTS.first + 1, '127.0.0.1');
    await once(other, 'listening');
    expect((await plane.allocate({ id: 'a', silenceLimit: 0 })).port).toBe(PORTS.first + 2);
    other.close();
  });
});
