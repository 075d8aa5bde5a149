import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { RemoteMedia } from '@tandem/gateways/media';
import { lostAudio } from './lost-audio.ts';
import { markedSignal } from './marked-signal.ts';
import { mouthToEar } from './mouth-to-ear.ts';
import { RtpEndpoint } from './rtp-endpoint.ts';

const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

async function endpoint(): Promise<RtpEndpoint> {
  const one = await RtpEndpoint.open('127.0.0.1');
  opened.push(one);
  return one;
}

const remote = (port: number): RemoteMedia => ({
  address: '127.0.0.1',
  port,
  rtcpPort: port + 1,
  codec: 'PCMU',
  payloadType: 0,
  direction: 'sendrecv',
  ptime: 20,
});

/** Passes packets on by a rule of the test's, which is given each with its number. */
async function between(to: RtpEndpoint, rule: (pass: () => void, number: number) => void): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  let open = true;
  opened.push({
    close: () => {
      open = false;
      socket.close();
    },
  });
  let number = 0;
  socket.on('message', (packet) => rule(() => open && socket.send(packet, to.port, to.address), number++));
  return socket.address().port;
}

describe('from mouth to ear', () => {
  it('takes the 20 ms of a packet, and what the way takes', async () => {
    const [speaker, listener] = [await endpoint(), await endpoint()];
    const way = await between(listener, (pass) => setTimeout(pass, 80));
    listener.connect(remote(speaker.port));
    speaker.connect(remote(way));
    // Never earlier than the sum; a timer may ring up to a millisecond early. How late depends on the machine.
    expect(await mouthToEar(speaker, listener)).toBeGreaterThanOrEqual(99);
  });

  it('is measured after what is being said, and more than once', async () => {
    const [speaker, listener] = [await endpoint(), await endpoint()];
    listener.connect(remote(speaker.port));
    speaker.connect(remote(listener.port));
    speaker.say(markedSignal(0.25));
    const [one, other] = [await mouthToEar(speaker, listener), await mouthToEar(speaker, listener)];
    expect(one).toBeGreaterThanOrEqual(20);
    expect(other).toBeGreaterThanOrEqual(20);
  });

  it('is measured as soon as the two are connected', async () => {
    const [speaker, listener] = [await endpoint(), await endpoint()];
    // The first mark is lost, in part: it is 15 packets.
    const way = await between(listener, (pass, number) => number > 10 && pass());
    listener.connect(remote(speaker.port));
    speaker.connect(remote(way));
    expect(await mouthToEar(speaker, listener)).toBeGreaterThanOrEqual(20);
  });

  it('cannot be measured where nothing is heard', async () => {
    const [speaker, listener] = [await endpoint(), await endpoint()];
    const way = await between(listener, () => {});
    listener.connect(remote(speaker.port));
    speaker.connect(remote(way));
    await expect(mouthToEar(speaker, listener, 50)).rejects.toMatchObject({
      code: 'media.mark-not-heard',
    });
  });
});

describe('what got lost on the way', () => {
  it('is counted in milliseconds: packets that did not come', async () => {
    const [speaker, listener] = [await endpoint(), await endpoint()];
    const lost = new Set([40, 60, 61, 62]);
    const way = await between(listener, (pass, number) => {
      if (!lost.has(number)) pass();
    });
    listener.connect(remote(speaker.port));
    const said = markedSignal(2);
    speaker.say(said);
    speaker.connect(remote(way));
    await listener.until(() => listener.heard.length >= 96 * 160);
    const loss = lostAudio(said, listener.heard);
    expect(loss.lost).toBeCloseTo(80, 0);
    expect(loss).toMatchObject({
      repeated: 0,
      gaps: [{ lost: expect.closeTo(20, 0) }, { lost: expect.closeTo(60, 0) }],
    });
  });
});
