import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { expect } from '@jest/globals';
import { counts, DIAL, stranger, talkThrough } from './harness/attack.ts';
import { broken, chance } from './harness/broken.ts';
import { ACCOUNT, AUTH_TOKEN, NUMBER } from './harness/network.ts';
import { type Stage, scenarios } from './harness/stage.ts';

// Anybody on the network, and a trunk's host that is not what it seems, beside a conversation that is not to notice.

const test = scenarios({ ports: 80 });

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
      const events = await talkThrough(stage, async (network, { carrier, callee }) => {
        const ports = (await network.journalEvents())
          .filter(({ type }) => type === 'MediaAllocated')
          .slice(-2)
          .map(({ data }) => (data as { port: number }).port);
        const packets = async (i: number): Promise<void> => {
          for (const port of ports) {
            await thief.send(rtp(0, 2 * i, 160 * i, new Uint8Array(160).fill(0xff)), port);
            await thief.send(rtp(101, 2 * i + 1, 8_000 + 1_000 * i, KEY), port);
          }
        };
        // Who says nothing is easier to take a call from: their packets do not compete.
        for (const { audio } of [carrier, callee]) audio.mute();
        for (let i = 0; i < 50; i++) await packets(i);
        for (const { audio } of [carrier, callee]) audio.unmute();
        // And beside what they say, for each packet of theirs.
        for (let i = 50; i < 150; i++) {
          const enough = callee.audio.packets + 1;
          await packets(i);
          await callee.audio.until(() => callee.audio.packets >= enough);
        }
      });
      expect(thief.heard).toBe(0);
      // It has come where they are heard, was told from them, and the history says so, once for each leg.
      expect(counts(events)).toMatchObject({ MediaContested: 2 });
      // The two keys that the talkers press themselves.
      expect(counts(events).DigitReceived).toBe(2);
      expect(counts(events)).not.toHaveProperty('MediaLatched');
    } finally {
      thief.close();
    }
  },
);

const crlf = (...lines: readonly string[]): string => `${lines.join('\r\n')}\r\n\r\n`;

/** A request with 120 Vias of 200 characters, which its answer would have to repeat. */
const options = (i: number, port: number, via: string): string =>
  crlf(
    'OPTIONS sip:127.0.0.1 SIP/2.0',
    `Via: SIP/2.0/UDP 127.0.0.1:${port};branch=z9hG4bKflood${i}`,
    ...Array.from(
      { length: 119 },
      (_, n) => `Via: SIP/2.0/UDP ${via};branch=z9hG4bK${i}.${n}.${'x'.repeat(200)}`,
    ),
    `From: <sip:flood@127.0.0.1>;tag=${i}`,
    'To: <sip:127.0.0.1>',
    `Call-ID: flood-${i}@127.0.0.1`,
    'CSeq: 1 OPTIONS',
    'Max-Forwards: 70',
    'Content-Length: 0',
  );

/** An answer to an INVITE that was never made, with a route to somebody else. */
const strayAnswer = (i: number, port: number, victim: string): string =>
  crlf(
    'SIP/2.0 200 OK',
    `Via: SIP/2.0/UDP 127.0.0.1:${port};branch=z9hG4bKstray${i}`,
    `From: <sip:+15550100@127.0.0.1>;tag=a${i}`,
    `To: <sip:+15550142@127.0.0.1>;tag=b${i}`,
    `Call-ID: stray-${i}@127.0.0.1`,
    'CSeq: 1 INVITE',
    `Contact: <sip:x@${victim}>`,
    `Record-Route: <sip:${victim};lr>`,
    'Content-Length: 0',
  );

test(
  'a flood of requests with 120 Vias, of answers to nothing, and of what is no SIP comes from a trunk’s host',
  DIAL,
  async (stage) => {
    const peer = await stranger('127.0.0.1');
    const victim = await stranger('127.0.0.7');
    try {
      await talkThrough(stage, async ({ sipPort }) => {
        const to = `127.0.0.7:${victim.port}`;
        for (let i = 0; i < 2_000; i++) {
          await peer.send(Buffer.from(options(i, peer.port, to)), sipPort);
          await peer.send(Buffer.from(strayAnswer(i, peer.port, to)), sipPort);
          await peer.send(Buffer.from('\0'.repeat(500)), sipPort);
          // As much as it serves, and no more: what it never reads is no attack.
          if (i % 20 === 19) await peer.hears(peer.heard + 1);
        }
      });
      expect(peer.heard).toBeGreaterThan(100);
      expect(victim.heard).toBe(0);
    } finally {
      peer.close();
      victim.close();
    }
  },
);

/** From whom the made-up calls are, unless that is broken; and whose call the two talk in. */
const [NOBODY, TALKER] = ['+15550666', '+15550199'];

/** An INVITE as any provider sends it. */
const invite = (i: number, port: number, sipPort: number): string => {
  const description = [
    'v=0',
    'o=peer 1 1 IN IP4 127.0.0.1',
    's=-',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    'm=audio 9 RTP/AVP 0 101',
    'a=rtpmap:0 PCMU/8000',
    'a=rtpmap:101 telephone-event/8000',
    'a=fmtp:101 0-15',
    'a=sendrecv',
    '',
  ].join('\r\n');
  return `${crlf(
    `INVITE sip:${NUMBER}@127.0.0.1:${sipPort} SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:${port};branch=z9hG4bKfuzz${i}`,
    `From: "Somebody" <sip:${NOBODY}@127.0.0.1>;tag=fuzz${i}`,
    `To: <sip:${NUMBER}@127.0.0.1:${sipPort}>`,
    `Call-ID: fuzz-${i}@127.0.0.1`,
    'CSeq: 1 INVITE',
    `Contact: <sip:${NOBODY}@127.0.0.1:${port}>`,
    'Max-Forwards: 70',
    'Supported: timer, 100rel',
    'Content-Type: application/sdp',
    `Content-Length: ${description.length}`,
  )}${description}`;
};

test('broken INVITEs and descriptions come from a trunk’s host', {
  '/voice': ({ params }) => (params.From === TALKER ? DIAL['/voice'] : '<Response><Reject/></Response>'),
}, async (stage) => {
  const peer = await stranger('127.0.0.1');
  const draw = chance(1);
  try {
    await talkThrough(stage, async ({ sipPort }) => {
      for (let i = 0; i < 400; i++) {
        await peer.send(Buffer.from(broken(invite(i, peer.port, sipPort), draw), 'latin1'), sipPort);
        if (i % 20 === 19) await peer.hears(peer.heard + 1);
      }
    });
    expect(peer.heard).toBeGreaterThan(20);
  } finally {
    peer.close();
  }
});

/** What the API answers a password from an address. */
async function knock(stage: Stage, localAddress: string, password: string, agent: Agent): Promise<number> {
  const authorization = `Basic ${Buffer.from(`${ACCOUNT}:${password}`).toString('base64')}`;
  const path = `/2010-04-01/Accounts/${ACCOUNT}/Calls.json?To=nobody&Status=busy`;
  const asked = request({
    host: '127.0.0.1',
    port: stage.network.apiPort,
    path,
    localAddress,
    agent,
    headers: { authorization },
  });
  asked.end();
  const [answer] = await once(asked, 'response');
  answer.resume();
  await once(answer, 'end');
  return answer.statusCode;
}

test('searches of everything and wrong passwords over REST, and silent connections', DIAL, async (stage) => {
  const sockets: Socket[] = [];
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  try {
    await talkThrough(stage, async ({ apiPort, sipPort }) => {
      for (const port of [apiPort, sipPort])
        for (let i = 0; i < 300; i++)
          sockets.push(connect({ port, host: '127.0.0.1', localAddress: '127.0.0.1' }).on('error', () => {}));
      const wrong: number[] = [];
      const searches: number[] = [];
      for (let i = 0; i < 200; i++) {
        searches.push(
          ...(await Promise.all(
            Array.from({ length: 4 }, () => knock(stage, '127.0.0.1', AUTH_TOKEN, agent)),
          )),
        );
        wrong.push(await knock(stage, '127.0.0.5', `guess-${i}`, agent));
      }
      // Who guesses is not heard any more; who knows the password is, as often as an account may ask.
      expect(new Set(wrong)).toEqual(new Set([401, 429]));
      expect(searches).toContain(200);
      expect(searches.filter((status) => ![200, 429, 503].includes(status))).toEqual([]);
    });
  } finally {
    agent.destroy();
    for (const socket of sockets) socket.destroy();
  }
});
