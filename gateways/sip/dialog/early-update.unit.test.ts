import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Header, sdpContent } from '../message/build-message.ts';
import { MemoryNetwork } from '../testing/memory-network.ts';
import { answerSdp, offerSdp, RawPeer } from '../testing/raw-peer.ts';
import { createUserAgent } from '../user-agent.ts';
import type { IncomingInvite, UserAgent } from './session.ts';

const us = '192.0.2.1';
const them = '192.0.2.2';
const held = offerSdp.replace('1 1 IN', '1 2 IN').concat('a=sendonly\r\n');
const heldAnswer = answerSdp.replace('1 1 IN', '1 2 IN').concat('a=recvonly\r\n');
const reliable: readonly Header[] = [
  ['Require', '100rel'],
  ['RSeq', '1'],
  ['Allow', 'INVITE, ACK, BYE, CANCEL, PRACK, UPDATE'],
];
let agent: UserAgent;
let peer: RawPeer;

beforeEach(() => {
  jest.useFakeTimers();
  const network = new MemoryNetwork();
  agent = createUserAgent({ transport: network.open(us), random: () => 0 });
  peer = new RawPeer(network, them, us);
});

afterEach(async () => {
  await agent.close();
  // What is still in the network.
  await pass();
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

const pass = (): Promise<void> => jest.advanceTimersByTimeAsync(3);

const outbound = async () => {
  const session = agent.invite({ id: 'out', uri: `sip:1@${them}`, from: '2', sdp: offerSdp });
  await pass();
  return { session, invite: peer.request('INVITE') };
};

describe('While our INVITE rings', () => {
  it('the peer’s UPDATE is answered by the owner once the first answer is there', async () => {
    const { session, invite } = await outbound();
    session.on('offer', ({ sdp }) => {
      expect(sdp).toBe(held);
      session.acceptOffer(heldAnswer);
    });
    await peer.reply(invite, 183, { headers: reliable, content: sdpContent(answerSdp) });
    await pass();
    await peer.reply(peer.request('PRACK'), 200);
    await peer.back(invite, 'peer', 'UPDATE', 1, { content: sdpContent(held) });
    await pass();
    expect(peer.response(200, 'UPDATE').body.toString()).toBe(heldAnswer);
  });

  it.each([
    ['says nothing', undefined],
    ['repeats its first answer', answerSdp],
  ])('what was agreed on by it stands when the 200 %s', async (_, again) => {
    const { session, invite } = await outbound();
    const told: (string | undefined)[] = [];
    session.on('offer', () => session.acceptOffer(heldAnswer));
    session.on('progress', ({ sdp }) => told.push(sdp));
    session.on('answered', ({ sdp }) => told.push(sdp));
    await peer.reply(invite, 183, { headers: reliable, content: sdpContent(answerSdp) });
    await pass();
    await peer.reply(peer.request('PRACK'), 200);
    await peer.back(invite, 'peer', 'UPDATE', 1, { content: sdpContent(held) });
    await pass();
    await peer.reply(invite, 180, { content: again === undefined ? undefined : sdpContent(again) });
    await peer.reply(invite, 200, { content: again === undefined ? undefined : sdpContent(again) });
    await pass();
    expect(told).toEqual([answerSdp, undefined, held]);
  });

  it('what one fork agreed on is nothing of another', async () => {
    const { session, invite } = await outbound();
    const told: (string | undefined)[] = [];
    session.on('offer', () => session.acceptOffer(heldAnswer));
    session.on('answered', ({ sdp }) => told.push(sdp));
    await peer.reply(invite, 183, { tag: 'left', headers: reliable, content: sdpContent(answerSdp) });
    await pass();
    await peer.reply(peer.request('PRACK'), 200);
    await peer.back(invite, 'left', 'UPDATE', 1, { content: sdpContent(held) });
    await peer.reply(invite, 180, { tag: 'right' });
    await pass();
    // The other one has not answered our offer.
    await peer.back(invite, 'right', 'UPDATE', 1, { content: sdpContent(held) });
    await pass();
    expect(peer.heard.at(-1)).toBe('491 UPDATE');
    await peer.reply(invite, 200, { tag: 'right', content: sdpContent(answerSdp) });
    await pass();
    expect(told).toEqual([answerSdp]);
  });

  it('what its owner cannot take now is refused with a time to come again', async () => {
    const { session, invite } = await outbound();
    session.on('offer', () => session.refuseOffer(500));
    await peer.reply(invite, 183, { headers: reliable, content: sdpContent(answerSdp) });
    await pass();
    await peer.reply(peer.request('PRACK'), 200);
    await peer.back(invite, 'peer', 'UPDATE', 1, { content: sdpContent(held) });
    await pass();
    expect(peer.response(500, 'UPDATE').headers.get('Retry-After')).toBe('0');
  });

  it('the session timer of an UPDATE does not run before the answer', async () => {
    const { session, invite } = await outbound();
    await peer.reply(invite, 183, { headers: reliable, content: sdpContent(answerSdp) });
    await pass();
    await peer.reply(peer.request('PRACK'), 200);
    const timer: readonly Header[] = [
      ['Supported', 'timer'],
      ['Session-Expires', '90;refresher=uac'],
    ];
    await peer.back(invite, 'peer', 'UPDATE', 1, { headers: timer });
    await pass();
    expect(peer.response(200, 'UPDATE').headers.has('Session-Expires')).toBe(false);
    await jest.advanceTimersByTimeAsync(120_000);
    expect(session.over).toBe(false);
  });

  it('the peer’s UPDATE that comes before its answer gets 491', async () => {
    const { session, invite } = await outbound();
    session.on('offer', () => session.acceptOffer(heldAnswer));
    await peer.reply(invite, 180);
    await pass();
    await peer.back(invite, 'peer', 'UPDATE', 1, { content: sdpContent(held) });
    await pass();
    expect(peer.heard).toEqual(['INVITE', '491 UPDATE']);
  });

  it('our offer goes by UPDATE', async () => {
    const { session, invite } = await outbound();
    await peer.reply(invite, 183, { headers: reliable, content: sdpContent(answerSdp) });
    await pass();
    await peer.reply(peer.request('PRACK'), 200);
    const answer = session.offer(held);
    await pass();
    expect(peer.heard).toEqual(['INVITE', 'PRACK', 'UPDATE']);
    expect(peer.request('UPDATE').headers.get('CSeq')).toBe('3 UPDATE');
    await peer.reply(peer.request('UPDATE'), 200, { content: sdpContent(heldAnswer) });
    await pass();
    expect(await answer).toBe(heldAnswer);
    await peer.reply(invite, 200);
    await pass();
    // The ACK has the number of the INVITE, later requests go on counting.
    expect(peer.request('ACK').headers.get('CSeq')).toBe('1 ACK');
    void session.bye();
    await pass();
    expect(peer.request('BYE').headers.get('CSeq')).toBe('4 BYE');
  });

  it('our offer is refused by ourselves where the peer takes no UPDATE', async () => {
    const { session, invite } = await outbound();
    await peer.reply(invite, 180);
    await pass();
    await expect(session.offer(held)).rejects.toMatchObject({ params: { status: 491 } });
    expect(peer.heard).toEqual(['INVITE']);
  });

  it('a BYE of the peer, which it must not send, ends the call all the same', async () => {
    const { session, invite } = await outbound();
    const refusals: number[] = [];
    session.on('refused', ({ status }) => refusals.push(status));
    await peer.reply(invite, 180);
    await pass();
    await peer.back(invite, 'peer', 'BYE', 1);
    await pass();
    expect(peer.heard).toEqual(['INVITE', '200 BYE', 'CANCEL']);
    await peer.reply(peer.request('CANCEL'), 200);
    await peer.reply(invite, 487);
    await pass();
    expect(refusals).toEqual([487]);
  });
});

describe('While the peer’s INVITE rings', () => {
  const inbound = async () => {
    const invited = new Promise<IncomingInvite>((resolve) => agent.onInvite(resolve));
    const headers: readonly Header[] = [
      ['Supported', '100rel'],
      ['Allow', 'INVITE, UPDATE'],
    ];
    await peer.send('INVITE', { headers, content: sdpContent(offerSdp) });
    await pass();
    const { session } = await invited;
    session.ring(answerSdp);
    await pass();
    const rang = peer.response(183, 'INVITE');
    return { session, rang, rack: `${rang.headers.get('RSeq')} 1 INVITE` };
  };

  it('a new offer in its PRACK is answered by the owner', async () => {
    const { session, rang, rack } = await inbound();
    session.on('offer', () => session.acceptOffer(heldAnswer));
    await peer.within(rang, 'PRACK', 2, { headers: [['RAck', rack]], content: sdpContent(held) });
    await pass();
    expect(peer.response(200, 'PRACK').body.toString()).toBe(heldAnswer);
  });

  it('a re-INVITE gets 500', async () => {
    const { rang, rack } = await inbound();
    await peer.within(rang, 'PRACK', 2, { headers: [['RAck', rack]] });
    await peer.within(rang, 'INVITE', 3, { content: sdpContent(held) });
    await pass();
    expect(peer.heard.at(-1)).toBe('500 INVITE');
  });

  it('our offer goes by UPDATE, and the 200 has no SDP', async () => {
    const { session, rang, rack } = await inbound();
    await peer.within(rang, 'PRACK', 2, { headers: [['RAck', rack]] });
    await pass();
    const answer = session.offer(heldAnswer);
    await pass();
    await peer.reply(peer.request('UPDATE'), 200, { content: sdpContent(held) });
    await pass();
    expect(await answer).toBe(held);
    session.answer(heldAnswer);
    await pass();
    expect(peer.response(200, 'INVITE').body).toHaveLength(0);
    await peer.within(rang, 'ACK', 1);
    await pass();
    // What was agreed on by UPDATE is not offered again.
    expect(peer.heard.filter((what) => what === 'INVITE')).toEqual([]);
  });
});
