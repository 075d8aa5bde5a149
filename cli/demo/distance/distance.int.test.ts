import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Distance } from './distance.ts';

const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

const keep = <T extends { close(): unknown }>(one: T): T => {
  opened.push(one);
  return one;
};

const REGIONS = ['us1', 'ie1', 'de1'];
/** Test processes that run at once keep out of each other's way. */
const start = (seed = 1): Distance =>
  keep(new Distance({ regions: REGIONS, network: 2 + (process.pid % 250), seed }));

const now = (): number => performance.now();

async function listen(address: string, serve: (socket: Socket) => unknown): Promise<number> {
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    serve(socket.on('error', () => {}));
  }).listen(0, address);
  await once(server, 'listening');
  opened.push({ close: () => server.close() });
  return (server.address() as { port: number }).port;
}

async function udp(address: string): Promise<UdpSocket & { number: number }> {
  const socket = createSocket('udp4').bind(0, address);
  await once(socket, 'listening');
  return keep(Object.assign(socket, { number: socket.address().port }));
}

const received = async (socket: UdpSocket): Promise<{ text: string; from: RemoteInfo }> => {
  const [packet, from] = await once(socket, 'message');
  return { text: String(packet), from };
};

const way = async (distance: Distance, from: string, to: string) =>
  (await distance.traffic()).find((one) => one.from === from && one.to === to)!;

describe('a distance between regions', () => {
  it('says who binds where, and who reaches whom where, for the regions that there are', () => {
    const distance = new Distance({ regions: REGIONS, network: 7 });
    keep(distance);
    expect(REGIONS.map((region) => distance.addressOf(region))).toEqual([
      '127.0.0.7',
      '127.0.1.7',
      '127.0.2.7',
    ]);
    expect(distance.seenFrom('us1', 'ie1')).toBe('127.1.1.7');
    expect(distance.seenFrom('ie1', 'us1')).toBe('127.2.0.7');
    expect(() => distance.addressOf('mars')).toThrow(/"mars".*us1, ie1, de1/s);
  });

  it('says of an address that is taken which it is', async () => {
    const distance = start();
    const taken = await udp(distance.seenFrom('ie1', 'us1'));
    await expect(distance.openUdp('ie1', 'us1', taken.number, taken.number)).rejects.toMatchObject({
      code: 'config.distance-port',
    });
  });
});

describe('TCP over a distance', () => {
  it('takes a round trip and a half until the first byte, and half of one for each after that', async () => {
    const distance = start();
    await distance.setRoute('ie1', 'us1', { rtt: 40 });
    const arrivals: number[] = [];
    const port = await listen(distance.addressOf('us1'), (socket) =>
      socket.on('data', (bytes) => {
        arrivals.push(now());
        socket.write(bytes);
      }),
    );
    await distance.openTcp('ie1', 'us1', port);
    const begun = now();
    const socket = connect(port, distance.seenFrom('ie1', 'us1'));
    socket.write('one');
    await once(socket, 'data');
    expect(arrivals[0]! - begun).toBeGreaterThanOrEqual(59.9);
    const sent = now();
    socket.write('two');
    await once(socket, 'data');
    expect(arrivals[1]! - sent).toBeGreaterThanOrEqual(19.9);
    expect(now() - sent).toBeGreaterThanOrEqual(39.9);
    socket.destroy();
    expect((await way(distance, 'ie1', 'us1')).signalling).toEqual({ connections: 1, bytes: 6 });
    expect((await way(distance, 'us1', 'ie1')).signalling).toEqual({ connections: 0, bytes: 6 });
  });

  it('keeps every byte in order, however slow the reader is, and lets one side end before the other', async () => {
    const distance = start();
    await distance.setRoute('ie1', 'de1', { rtt: 6, jitter: 3 });
    const sent = Buffer.from(Uint32Array.from({ length: 1_500_000 }, (_, index) => index).buffer);
    const port = await listen(distance.addressOf('de1'), async (socket) => {
      const all = await buffer(socket);
      socket.end(all.equals(sent) ? 'the same' : `${all.length} bytes, not the same`);
    });
    await distance.openTcp('ie1', 'de1', port);
    const socket = connect({ port, host: distance.seenFrom('ie1', 'de1'), allowHalfOpen: true });
    socket.end(sent);
    expect(String(await buffer(socket))).toBe('the same');
    expect((await way(distance, 'ie1', 'de1')).signalling.bytes).toBe(sent.length);
  });

  it('resets a connection to a port where nobody listens, and one whose other end has broken off', async () => {
    const distance = start();
    const port = await listen(distance.addressOf('us1'), (socket) => socket.resetAndDestroy());
    await distance.openTcp('ie1', 'us1', port);
    const broken = connect(port, distance.seenFrom('ie1', 'us1'));
    expect(await once(broken, 'error').then(() => '', String)).toBe('');
    const nobody = await listen(distance.addressOf('de1'), () => {});
    await distance.openTcp('ie1', 'us1', nobody);
    const refused = connect(nobody, distance.seenFrom('ie1', 'us1'));
    expect(await once(refused, 'error').then(() => '', String)).toBe('');
  });

  it('waits while it is cut, and goes on where it was when it is mended', async () => {
    const distance = start();
    let heard = '';
    const port = await listen(distance.addressOf('us1'), (socket) =>
      socket.on('data', (bytes) => {
        heard += bytes;
        socket.write(bytes);
      }),
    );
    await distance.openTcp('ie1', 'us1', port);
    const socket = connect(port, distance.seenFrom('ie1', 'us1'));
    socket.write('a');
    await once(socket, 'data');
    await distance.cut('us1', 'ie1');
    socket.write('b');
    const late = connect(port, distance.seenFrom('ie1', 'us1'));
    late.write('c');
    // What was written has reached the emulator; nothing of it has left there.
    while ((await way(distance, 'ie1', 'us1')).signalling.bytes < 3);
    expect(heard).toBe('a');
    await distance.mend('us1', 'ie1');
    await Promise.all([once(socket, 'data'), once(late, 'data')]);
    expect([...heard].sort().join('')).toBe('abc');
    socket.destroy();
    late.destroy();
  });

  it('is reset when it is cut so, and refused until it is mended', async () => {
    const distance = start();
    const port = await listen(distance.addressOf('us1'), (socket) => socket.pipe(socket));
    await distance.openTcp('ie1', 'us1', port);
    const reach = () => connect(port, distance.seenFrom('ie1', 'us1'));
    const socket = reach();
    socket.write('a');
    await once(socket, 'data');
    const reset = once(socket, 'error').then(() => '', String);
    await distance.cut('ie1', 'us1', 'reset');
    expect(await reset).toBe('');
    expect(await once(reach(), 'error').then(() => '', String)).toBe('');
    await distance.mend('ie1', 'us1');
    const again = reach();
    again.write('b');
    await once(again, 'data');
    again.destroy();
  });
});

describe('UDP over a distance', () => {
  const pair = async (distance: Distance) => {
    const ie = await udp(distance.addressOf('ie1'));
    const de = await udp(distance.addressOf('de1'));
    await distance.openUdp('ie1', 'de1', de.number, de.number);
    await distance.openUdp('de1', 'ie1', ie.number, ie.number);
    const send = (text: string) => ie.send(text, de.number, distance.seenFrom('ie1', 'de1'));
    return { ie, de, send };
  };

  it('takes half a round trip, and shows each end the other where it reaches it', async () => {
    const distance = start();
    await distance.setRoute('ie1', 'de1', { rtt: 30 });
    const { ie, de, send } = await pair(distance);
    const sent = now();
    send('hello');
    const there = await received(de);
    expect(now() - sent).toBeGreaterThanOrEqual(14.9);
    expect(there).toMatchObject({
      text: 'hello',
      from: { address: distance.seenFrom('de1', 'ie1'), port: ie.number },
    });
    de.send('hello too', there.from.port, there.from.address);
    expect(await received(ie)).toMatchObject({
      text: 'hello too',
      from: { address: distance.seenFrom('ie1', 'de1'), port: de.number },
    });
    expect((await way(distance, 'ie1', 'de1')).media).toEqual({ packets: 1, bytes: 5, lost: 0 });
    expect((await way(distance, 'de1', 'ie1')).media).toEqual({ packets: 1, bytes: 9, lost: 0 });
    expect((await way(distance, 'ie1', 'us1')).media).toEqual({ packets: 0, bytes: 0, lost: 0 });
    await distance.resetTraffic();
    expect((await way(distance, 'ie1', 'de1')).media).toEqual({ packets: 0, bytes: 0, lost: 0 });
  });

  it('answers to a port that was not announced get through', async () => {
    const distance = start();
    const ie = await udp(distance.addressOf('ie1'));
    const de = await udp(distance.addressOf('de1'));
    await distance.openUdp('ie1', 'de1', de.number, de.number);
    ie.send('hello', de.number, distance.seenFrom('ie1', 'de1'));
    const { from } = await received(de);
    expect(from).toMatchObject({ address: distance.seenFrom('de1', 'ie1'), port: ie.number });
    de.send('hello too', from.port, from.address);
    expect((await received(ie)).text).toBe('hello too');
  });

  it('keeps the order of packets under jitter, and loses the same ones with the same seed', async () => {
    const arrived = async (seed: number): Promise<number[]> => {
      const distance = start(seed);
      await distance.setRoute('ie1', 'de1', { rtt: 2, jitter: 10, loss: 0.3 });
      const { de, send } = await pair(distance);
      const heard: number[] = [];
      de.on('message', (packet) => heard.push(Number(packet)));
      for (let index = 0; index < 100; index++) send(String(index));
      const over = async (): Promise<boolean> => {
        const { media } = await way(distance, 'ie1', 'de1');
        return media.packets + media.lost === 100 && heard.length === media.packets;
      };
      while (!(await over()));
      await distance.close();
      return heard;
    };
    const one = await arrived(5);
    expect(one).toEqual([...one].sort((a, b) => a - b));
    expect(one.length).toBeLessThan(100);
    expect(await arrived(5)).toEqual(one);
    expect(await arrived(6)).not.toEqual(one);
  });

  it('lets packets overtake each other where that is asked for', async () => {
    const distance = start();
    await distance.setRoute('ie1', 'de1', { rtt: 2, jitter: 20, reorder: true });
    const { de, send } = await pair(distance);
    const heard: number[] = [];
    const all = Promise.withResolvers<void>();
    de.on('message', (packet) => {
      heard.push(Number(packet));
      if (heard.length === 50) all.resolve();
    });
    const sent = Array.from({ length: 50 }, (_, index) => index);
    for (const index of sent) send(String(index));
    await all.promise;
    expect(heard).not.toEqual(sent);
    expect(heard.toSorted((a, b) => a - b)).toEqual(sent);
  });

  it('loses everything while it is cut', async () => {
    const distance = start();
    const { de, send } = await pair(distance);
    await distance.cut('ie1', 'de1');
    send('lost');
    while ((await way(distance, 'ie1', 'de1')).media.lost < 1);
    await distance.mend('ie1', 'de1');
    send('not lost');
    expect((await received(de)).text).toBe('not lost');
  });

  it('does not carry what comes from elsewhere', async () => {
    const distance = start();
    const { de, send } = await pair(distance);
    const stranger = await udp(distance.addressOf('us1'));
    stranger.send('stray', de.number, distance.seenFrom('ie1', 'de1'));
    while ((await way(distance, 'ie1', 'de1')).media.lost < 1);
    send('own');
    expect((await received(de)).text).toBe('own');
  });
});
