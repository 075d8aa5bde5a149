import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { portRange } from '@tandem/actors/testing/free-port.ts';
import { CODEC_NAMES, CODECS, type CodecName } from '../../audio/codecs/codec.ts';
import { meanSquare } from '../../audio/signal/goertzel.ts';
import type { MediaEvents, RemoteMedia } from '../plane/media-plane.ts';
import { RtpPeer, sine } from '../testing/rtp-peer.ts';
import { RtpMediaPlane } from './rtp-media-plane.ts';

const PORTS = await portRange(50);

let plane: RtpMediaPlane;
let peers: RtpPeer[] = [];
const rendering = { made: Promise.withResolvers<void>() };

const leg = async (id: string, changes: Partial<RemoteMedia> = {}) => {
  const phone = await RtpPeer.open();
  peers.push(phone);
  const { port } = await plane.allocate({ id, silenceLimit: 0 });
  await plane.connect(id, phone.remote(changes));
  return { phone, port };
};

const isLoud = (phone: RtpPeer, from: number, codec: CodecName = 'PCMU'): boolean =>
  meanSquare(phone.audio(codec, from)) > 100_000;

beforeEach(() => {
  rendering.made = Promise.withResolvers();
  plane = new RtpMediaPlane({
    bindAddress: '127.0.0.1',
    ports: PORTS,
    sendsSilence: true,
    render: async () => {
      await rendering.made.promise;
      return { samples: sine(440, 200), endless: false };
    },
  });
});

afterEach(async () => {
  for (const opened of peers) opened.close();
  peers = [];
  await plane.close();
});

describe('a peer that there is nothing to say to', () => {
  it.each(CODEC_NAMES)('hears silence in %s, in one stream that goes on by its clock', async (codec) => {
    const { phone } = await leg('a', { codec });
    await phone.until(() => phone.packets.length >= 10);
    const [first, ...rest] = phone.packets.map(({ header }) => header);
    expect(first!.marker).toBe(true);
    for (const [i, { ssrc, sequence, timestamp, marker }] of rest.entries()) {
      expect({ ssrc, marker }).toEqual({ ssrc: first!.ssrc, marker: false });
      expect((sequence - first!.sequence) & 0xffff).toBe(i + 1);
      expect((timestamp - first!.timestamp) >>> 0).toBe(((i + 1) * CODECS[codec].clockRate) / 50);
    }
    expect(meanSquare(phone.audio(codec))).toBeLessThan(100);
  });

  it('hears packets as long as it asks for', async () => {
    const { phone } = await leg('a', { ptime: 40 });
    await phone.until(() => phone.packets.length >= 3);
    expect(phone.packets.slice(0, 3).map(({ payload }) => payload.length)).toEqual([320, 320, 320]);
  });

  it('hears silence while a play is made, the play, and silence again, without a break', async () => {
    const { phone } = await leg('a');
    plane.play('a', { playId: 'p', items: [{ speech: { text: 'hello' } }], loop: 1 });
    await phone.until(() => phone.packets.length >= 5);
    const played = once(plane, 'played') as Promise<MediaEvents['played']>;
    rendering.made.resolve();
    await played;
    const after = phone.packets.length;
    await phone.until(() => phone.packets.length >= after + 15);
    expect(isLoud(phone, 0)).toBe(true);
    expect(isLoud(phone, after + 12)).toBe(false);
    const [first, ...rest] = phone.packets.map(({ header }) => header);
    for (const [i, { timestamp }] of rest.entries())
      expect((timestamp - first!.timestamp) >>> 0).toBe((i + 1) * 160);
  });

  it('hears nothing of it while it is bridged, and silence again afterwards', async () => {
    const [a, b] = [await leg('a'), await leg('b')];
    plane.bridge('a', 'b');
    await Promise.all([plane.stats('a'), plane.stats('b')]);
    const { sentPackets } = await plane.stats('a');
    await b.phone.speak(b.port, 'PCMU', sine(900, 200), 20);
    while ((await plane.stats('b')).receivedPackets < 10) await new Promise(setImmediate);
    expect((await plane.stats('a')).sentPackets).toBe(sentPackets + 10);
    await a.phone.until(() => a.phone.packets.length === sentPackets + 10);
    plane.unbridge('a');
    await a.phone.until(() => a.phone.packets.length >= sentPackets + 15);
    expect(isLoud(a.phone, sentPackets + 11)).toBe(false);
  });

  it.each(['recvonly', 'inactive'] as const)('hears nothing where our direction is %s', async (direction) => {
    const { phone } = await leg('a', { direction });
    const other = await leg('b');
    await other.phone.until(() => other.phone.packets.length >= 10);
    expect(phone.packets).toEqual([]);
    // Taken up again, it does.
    await plane.connect('a', phone.remote());
    await phone.until(() => phone.packets.length >= 3);
  });

  it('does not hear a word after it was released', async () => {
    const { phone } = await leg('a');
    await phone.until(() => phone.packets.length >= 3);
    await plane.release('a');
    const { length } = phone.packets;
    const other = await leg('b');
    await other.phone.until(() => other.phone.packets.length >= 5);
    expect(phone.packets.length).toBe(length);
  });
});

describe('a plane that sends no silence', () => {
  it('sends nothing while there is nothing to say', async () => {
    await plane.close();
    plane = new RtpMediaPlane({
      bindAddress: '127.0.0.1',
      ports: PORTS,
      render: async () => ({ samples: sine(440, 200), endless: false }),
    });
    await leg('quiet');
    const { phone } = await leg('a');
    plane.play('a', { playId: 'p', items: [{ speech: { text: 'hello' } }], loop: 1 });
    await phone.until(() => phone.packets.length === 10);
    expect((await plane.stats('quiet')).sentPackets).toBe(0);
  });
});
