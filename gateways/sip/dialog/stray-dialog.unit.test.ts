import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { buildResponse, type Header, sdpContent } from '../message/build-message.ts';
import { MemoryNetwork } from '../testing/memory-network.ts';
import { answerSdp, offerSdp, RawPeer } from '../testing/raw-peer.ts';
import { createUserAgent } from '../user-agent.ts';
import { OwnCallIds } from './own-call-id.ts';

const us = '192.0.2.1';
const victim = '203.0.113.9';
const callIdKey = Buffer.alloc(32, 3);
let network: MemoryNetwork;
let peer: RawPeer;

beforeEach(() => {
  jest.useFakeTimers();
  network = new MemoryNetwork();
  peer = new RawPeer(network, '192.0.2.2', us);
});

afterEach(() => {
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);
const start = (key = callIdKey) => createUserAgent({ transport: network.open(us), callIdKey: key });

/** An INVITE of a process that is gone. */
const invited = async () => {
  const before = start();
  before.invite({ id: 'x', uri: 'sip:1@192.0.2.2', from: '2', sdp: offerSdp });
  await pass(2);
  await before.close();
  return peer.request('INVITE');
};

const routes = Array.from(
  { length: 60 },
  (_, i): Header => ['Record-Route', `<sip:${victim}:5060;lr;p${i}=${'x'.repeat(200)}>`],
);

const answer = async (callId?: string, recorded: readonly Header[] = routes): Promise<void> => {
  const invite = await invited();
  const agent = start();
  const headers: Header[] = [['Contact', `<sip:x@${victim}>`], ...recorded];
  const response = buildResponse(invite, 200, { tag: 'late', headers, content: sdpContent(answerSdp) });
  if (callId !== undefined) response.headers.set('Call-ID', callId);
  network.sent.length = 0;
  await peer.again(response);
  if (recorded.length === 0) await peer.again(response);
  await pass(40_000);
  await agent.close();
};

/** So many BYEs are sent to late answers of these calls, each with as many peer tags. */
const answered = async (calls: readonly [name: string, tags: number][]): Promise<number> => {
  const invite = await invited();
  const ids = new OwnCallIds(callIdKey, us);
  const localTag = /tag=([^;]+)/.exec(invite.headers.get('From')!)![1]!;
  const agent = start();
  network.sent.length = 0;
  for (const [, tags] of calls) {
    const callId = ids.create(localTag);
    for (let tag = 0; tag < tags; tag++) {
      const headers: Header[] = [['Contact', '<sip:x@192.0.2.2>']];
      const response = buildResponse(invite, 200, {
        tag: `late${tag}`,
        headers,
        content: sdpContent(answerSdp),
      });
      response.headers.set('Call-ID', callId);
      await peer.again(response);
    }
  }
  await pass(40_000);
  await agent.close();
  return said().filter((what) => what.startsWith('BYE')).length;
};

const said = (): string[] =>
  network.sent.slice(1).map(({ message, to }) => {
    const what = message.kind === 'request' ? message.method : message.status;
    return `${what} to ${to}`;
  });

describe('A 2xx to an INVITE of which nothing is left', () => {
  it('is ended once, towards where it came from and nobody else, when the call was ours', async () => {
    await answer();
    expect(said()).toEqual(['ACK to 192.0.2.2', 'BYE to 192.0.2.2']);
    expect(peer.request('BYE').uri).toBe(`sip:x@${victim}`);
    expect(peer.request('BYE').headers.get('CSeq')).toBe('2 BYE');
  });

  it('has its BYE repeated until it is answered, that of one dialog once at a time, where it fits into a datagram', async () => {
    await answer(undefined, []);
    const requests = said().filter((one) => !one.startsWith('200'));
    expect(new Set(requests)).toEqual(new Set(['ACK to 192.0.2.2', 'BYE to 192.0.2.2']));
    expect(requests.filter((one) => one.startsWith('ACK'))).toHaveLength(2);
    // Timer E doubles from 500 ms to 4 s until 32 s are over (RFC 3261, section 17.1.2.2).
    expect(requests.filter((one) => one.startsWith('BYE'))).toHaveLength(11);
  });

  it('is ended for one peer tag of a call at a time with repetitions: whoever was called chooses the tags', async () => {
    expect(await answered([['one', 3]])).toBe(11 + 2);
  });

  it('is ended for 16 calls at a time with repetitions', async () => {
    const calls: [string, number][] = Array.from({ length: 20 }, (_, i) => [`call ${i}`, 1]);
    expect(await answered(calls)).toBe(16 * 11 + 4);
  });

  it('has us say nothing when the call was not', async () => {
    await answer('c@192.0.2.1');
    expect(said()).toEqual([]);
    await answer('0123.4567@192.0.2.1');
    expect(said()).toEqual([]);
  });
});

it('A Call-ID is known as ours by its key and by our tag', () => {
  const ids = new OwnCallIds(callIdKey, 'us.example');
  const id = ids.create('tag');
  expect(id).toMatch(/^[0-9a-f]{24}\.[0-9a-f]{30}@us\.example$/);
  expect(new OwnCallIds(callIdKey, 'other.example').isOurs(id, 'tag')).toBe(true);
  expect(ids.isOurs(id, 'other')).toBe(false);
  expect(new OwnCallIds(Buffer.alloc(32, 4), 'us.example').isOurs(id, 'tag')).toBe(false);
  for (const other of ['', '@', '.@', `a${id}`, id.replace('.', '')])
    expect(ids.isOurs(other, 'tag')).toBe(false);
});
