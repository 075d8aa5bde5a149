import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { hearEachOther, talk } from './harness/conversation.ts';
import { ACCOUNT, AUTH_TOKEN, type Network } from './harness/network.ts';
import { CALLEE, CARRIER_HANGS_UP } from './harness/peers.ts';
import { type Stage, scenarios } from './harness/stage.ts';

// Attacks beside a conversation that is not to notice. Each lasts while the two go on talking, and is over when both have
// heard each other again after it.

const test = scenarios();
const DIAL = { '/voice': '<Response><Dial><Number>+15550142</Number></Dial></Response>' };

/** Two talk, hear each other again once the attack has been made, and hang up; what the region journalled meanwhile. */
async function talkThrough(
  stage: Stage,
  attack: (network: Network) => Promise<void>,
  silent = false,
): Promise<string[]> {
  const callee = await stage.callee(CALLEE);
  const carrier = await stage.carrier(CARRIER_HANGS_UP);
  await talk(carrier, callee);
  const before = new Set((await stage.network.journalEvents()).map(({ id }) => id));
  // Who says nothing is easier to take a call from: their packets do not compete.
  if (silent) for (const { audio } of [carrier, callee]) audio.mute();
  await attack(stage.network);
  if (silent) for (const { audio } of [carrier, callee]) audio.unmute();
  await hearEachOther(carrier, callee);
  const since = (await stage.network.journalEvents()).filter(({ id }) => !before.has(id));
  await carrier.go('bye');
  await Promise.all([carrier.finished(), callee.finished()]);
  const [call] = await stage.calls();
  expect(call).toMatchObject({
    reason: 'completed',
    legs: [{ reason: 'completed' }, { reason: 'completed' }],
  });
  return since.map(({ type }) => type);
}

/** A socket on another host than those that talk, and what has come to it. */
async function stranger(address: string) {
  const socket = createSocket('udp4');
  let heard = 0;
  socket.on('message', () => {
    heard += 1;
  });
  socket.bind(0, address);
  await once(socket, 'listening');
  return {
    async send(bytes: Uint8Array, port: number): Promise<void> {
      await new Promise((resolve) => socket.send(bytes, port, '127.0.0.1', resolve));
    },
    get heard(): number {
      return heard;
    },
    close: () => socket.close(),
  };
}

/** An RTP packet (RFC 3550, section 5.1): of sound, or an event (RFC 4733). */
function rtp(payloadType: number, sequence: number, timestamp: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0x8000 | payloadType);
  view.setUint16(2, sequence & 0xffff);
  view.setUint32(4, timestamp);
  view.setUint32(8, 0x7ead_beef);
  bytes.set(payload, 12);
  return bytes;
}

/** Key 5, pressed for 100 ms; its end is set. */
const KEY = Uint8Array.of(5, 0x8a, 0x03, 0x20);

test(
  'a stranger sends sound and keys to the media ports of a call, and hears and presses nothing',
  DIAL,
  async (stage) => {
    const thief = await stranger('127.0.0.9');
    try {
      const events = await talkThrough(
        stage,
        async (network) => {
          const ports = (await network.journalEvents())
            .filter(({ type }) => type === 'MediaAllocated')
            .slice(-2)
            .map(({ data }) => (data as { port: number }).port);
          for (let i = 0; i < 50; i++) {
            for (const port of ports) {
              await thief.send(rtp(0, 2 * i, 160 * i, new Uint8Array(160).fill(0xff)), port);
              await thief.send(rtp(101, 2 * i + 1, 8_000 + 1_000 * i, KEY), port);
            }
            await setTimeout(20);
          }
        },
        true,
      );
      expect(thief.heard).toBe(0);
      expect(events).not.toContain('DigitReceived');
      expect(events).not.toContain('MediaLatched');
    } finally {
      thief.close();
    }
  },
);

const options = (i: number, via: string): Buffer =>
  Buffer.from(
    [
      'OPTIONS sip:127.0.0.1 SIP/2.0',
      `Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKflood${i}`,
      ...Array.from(
        { length: 60 },
        (_, n) => `Via: SIP/2.0/UDP ${via};branch=z9hG4bK${i}.${n}.${'x'.repeat(200)}`,
      ),
      `From: <sip:flood@127.0.0.1>;tag=${i}`,
      'To: <sip:127.0.0.1>',
      `Call-ID: flood-${i}@127.0.0.1`,
      'CSeq: 1 OPTIONS',
      'Max-Forwards: 70',
      'Content-Length: 0',
      '\r\n',
    ].join('\r\n'),
  );

test(
  'a flood of requests with long Vias, of answers to nothing, and of what is no SIP comes from a trunk’s host',
  DIAL,
  async (stage) => {
    const peer = await stranger('127.0.0.1');
    try {
      await talkThrough(stage, async ({ sipPort }) => {
        for (let i = 0; i < 1_500; i++) {
          await peer.send(options(i, '127.0.0.7'), sipPort);
          const answer = options(i, '127.0.0.7')
            .toString()
            .replace(/^OPTIONS \S+ SIP\/2.0/, 'SIP/2.0 200 OK');
          await peer.send(Buffer.from(answer.replace('CSeq: 1 OPTIONS', 'CSeq: 1 INVITE')), sipPort);
          await peer.send(Buffer.from('\0'.repeat(500)), sipPort);
        }
      });
    } finally {
      peer.close();
    }
  },
);

test('silent connections to the link, and searches of everything over REST', DIAL, async (stage) => {
  const sockets: Socket[] = [];
  try {
    await talkThrough(stage, async ({ linkPort, apiPort }) => {
      for (let i = 0; i < 600; i++) sockets.push(connect(linkPort, '127.0.0.1').on('error', () => {}));
      const authorization = `Basic ${Buffer.from(`${ACCOUNT}:${AUTH_TOKEN}`).toString('base64')}`;
      const url = `http://127.0.0.1:${apiPort}/2010-04-01/Accounts/${ACCOUNT}/Calls.json?To=nobody&Status=busy`;
      for (let i = 0; i < 200; i++) {
        const answer = await fetch(url, { headers: { authorization } });
        await answer.arrayBuffer();
        expect([200, 429, 503]).toContain(answer.status);
      }
    });
  } finally {
    for (const socket of sockets) socket.destroy();
  }
});
