import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { MediaEvents, RemoteMedia } from '../plane/media-plane.ts';
import { RtpPeer, sine } from '../testing/rtp-peer.ts';
import { RtpMediaPlane } from '../worker/rtp-media-plane.ts';
import { DIGITS, EVENT_SIZE, writeEvent } from './dtmf-event.ts';
import { KEYS_PER_SECOND } from './dtmf-receiver.ts';

/** Ports of these tests; other suites use others. */
const PORTS = { first: 21_800, last: 21_819 };

let plane: RtpMediaPlane;
let peers: RtpPeer[] = [];
let keys: string[] = [];

const peer = async (address?: string): Promise<RtpPeer> => {
  const opened = await RtpPeer.open(address);
  peers.push(opened);
  return opened;
};

/** A call with a telephone, and somebody on another host who knows its port. */
const call = async (changes: Partial<RemoteMedia> = {}, silenceLimit = 0) => {
  const [phone, thief] = [await peer(), await peer('127.0.0.66')];
  const { port } = await plane.allocate({ id: 'a', silenceLimit });
  await plane.connect('a', phone.remote(changes));
  return { phone, thief, port };
};

const press = (from: RtpPeer, port: number, digit: string): void => {
  const payload = new Uint8Array(EVENT_SIZE);
  writeEvent(payload, 0, { event: DIGITS.indexOf(digit), end: true, volume: 10, duration: 800 });
  from.send(port, 101, payload, 1600, true);
};

const speak = (from: RtpPeer, port: number, packets: number): void => {
  for (let i = 0; i < packets; i++) from.send(port, 0, new Uint8Array(160));
};

/** Resolves when so many packets have been taken. */
const received = async (count: number): Promise<void> => {
  while ((await plane.stats('a')).receivedPackets < count) await new Promise(setImmediate);
};

/** Sends until the condition holds. */
const until = async (condition: () => boolean | Promise<boolean>, send: () => void): Promise<void> => {
  while (!(await condition())) {
    send();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

const play = (milliseconds: number, playId = 'p'): Promise<MediaEvents['played']> => {
  const played = once(plane, 'played') as Promise<MediaEvents['played']>;
  plane.play('a', { playId, items: [{ tone: { name: String(milliseconds) } }], loop: 1 });
  return played;
};

beforeEach(() => {
  plane = new RtpMediaPlane({
    bindAddress: '127.0.0.1',
    ports: PORTS,
    render: async (item) => ({
      samples: sine(440, Number('tone' in item ? item.tone.name : 0)),
      endless: false,
    }),
  });
  plane.on('digit', (_id, { digit }) => keys.push(digit));
});

afterEach(async () => {
  for (const opened of peers) opened.close();
  peers = [];
  keys = [];
  await plane.close();
});

describe('somebody who sends to the port of a call', () => {
  it('has nothing of it while the peer is silent, and is not heard; the call says that he is there', async () => {
    const { phone, thief, port } = await call();
    const contested = once(plane, 'contested');
    let told = false;
    void contested.then(() => {
      told = true;
    });
    speak(phone, port, 5);
    await received(5);
    await until(
      async () => told && (await plane.stats('a')).dropped.stranger >= 20,
      () => {
        speak(thief, port, 1);
        press(thief, port, '5');
      },
    );
    press(phone, port, '1');
    await received(6);
    await play(100);
    await phone.until(() => phone.packets.length === 5);
    expect(thief.packets).toEqual([]);
    expect(keys).toEqual(['1']);
    const heard = { address: '127.0.0.1', port: phone.port };
    expect(await contested).toEqual(['a', { address: '127.0.0.66', port: thief.port, heard }]);
  });

  it('loses what he has, where he came first, to the first packet of the peer', async () => {
    const { phone, thief, port } = await call();
    const latched = once(plane, 'latched');
    speak(thief, port, 3);
    expect(await latched).toMatchObject(['a', { address: '127.0.0.66' }]);
    phone.send(port, 0, new Uint8Array(160));
    await until(
      async () => (await plane.stats('a')).dropped.stranger >= 3,
      () => press(thief, port, '5'),
    );
    const before = thief.packets.length;
    press(phone, port, '1');
    await play(100);
    await phone.until(() => phone.packets.length === 5);
    expect(thief.packets).toHaveLength(before);
    // What he pressed before the peer was there is all that may have been heard of him.
    expect(keys.at(-1)).toBe('1');
  });

  it('does not keep the peer out by flooding', async () => {
    await plane.close();
    plane = new RtpMediaPlane({
      bindAddress: '127.0.0.1',
      ports: PORTS,
      packetRate: 20,
      render: async () => ({ samples: sine(440, 100), endless: false }),
    });
    const { phone, thief, port } = await call({ address: '127.0.0.1' });
    await until(
      async () => (await plane.stats('a')).dropped.rate >= 200,
      () => speak(thief, port, 50),
    );
    const { receivedPackets } = await plane.stats('a');
    await until(
      async () => (await plane.stats('a')).receivedPackets >= receivedPackets + 5,
      () => {
        speak(thief, port, 10);
        phone.send(port, 0, new Uint8Array(160));
      },
    );
    await play(100);
    await phone.until(() => phone.packets.length === 5);
  });

  it('cannot send RTCP for the peer', async () => {
    const { phone, thief, port } = await call({}, 100);
    phone.send(port, 0, new Uint8Array(160));
    await received(1);
    const report = Uint8Array.from([0x80, 201, 0, 1, 0, 0, 0, 9]);
    const stopped = once(plane, 'stopped');
    let silent = false;
    void stopped.then(() => {
      silent = true;
    });
    await until(
      () => silent,
      () => thief.rtcp.send(report, port + 1, '127.0.0.1'),
    );
    expect((await plane.stats('a')).dropped.stranger).toBeGreaterThan(0);
  });
});

describe('media that SDP aims at a host', () => {
  it('ends after some seconds without an answer, whatever is offered, and goes on when one comes', async () => {
    const { phone, port } = await call({ direction: 'sendonly' }, 1);
    // Silence is told of a listener once media to it is in vain.
    const stopped = once(plane, 'stopped');
    const endless = play(60_000, 'endless');
    await stopped;
    const { sentPackets } = await plane.stats('a');
    expect(sentPackets).toBeGreaterThan(0);
    plane.stop('a', 'endless');
    await endless;
    await play(100);
    expect((await plane.stats('a')).sentPackets).toBe(sentPackets);
    phone.send(port, 0, new Uint8Array(160));
    await until(
      async () => (await plane.stats('a')).dropped.unwanted > 0,
      () => {},
    );
    await play(100);
    expect((await plane.stats('a')).sentPackets).toBe(sentPackets + 5);
  });

  it('is silent in spite of offers that come again and again', async () => {
    const { phone } = await call({}, 300);
    const stopped = once(plane, 'stopped');
    let silent = false;
    void stopped.then(() => {
      silent = true;
    });
    await until(
      () => silent,
      () => void plane.connect('a', phone.remote()),
    );
  });
});

describe('keys', () => {
  it('are heard as fast as they can be pressed, and no faster', async () => {
    const { phone, port } = await call();
    const sent = 8 * KEYS_PER_SECOND;
    for (let i = 0; i < sent; i++) press(phone, port, String(i % 10));
    await received(sent);
    const { keys: dropped } = (await plane.stats('a')).dropped;
    expect(keys.length + dropped).toBe(sent);
    expect(dropped).toBeGreaterThan(0);
    expect(keys.length).toBeGreaterThanOrEqual(KEYS_PER_SECOND);
  });

  it('are each heard once across an offer that gives them another payload type', async () => {
    const { phone, port } = await call();
    const payload = new Uint8Array(EVENT_SIZE);
    const send = (payloadType: number, duration: number, end: boolean, advance: number) => {
      writeEvent(payload, 0, { event: 7, end, volume: 10, duration });
      phone.send(port, payloadType, payload, advance);
    };
    send(101, 160, false, 1600);
    send(101, 320, false, 0);
    await received(2);
    await plane.connect('a', phone.remote({ dtmfPayloadType: 96 }));
    send(101, 480, false, 0);
    send(96, 640, true, 0);
    send(96, 640, true, 0);
    await received(5);
    send(96, 800, true, 1600);
    await received(6);
    expect(keys).toEqual(['7', '7']);
  });
});
