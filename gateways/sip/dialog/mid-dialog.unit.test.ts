import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Header, sdpContent } from '../message/build-message.ts';
import { MemoryNetwork } from '../testing/memory-network.ts';
import { answerSdp, offerSdp, RawPeer } from '../testing/raw-peer.ts';
import { eventsOf } from '../testing/session-events.ts';
import { createUserAgent } from '../user-agent.ts';
import type { IncomingInvite, UserAgent } from './session.ts';

const us = '192.0.2.1';
const them = '192.0.2.2';
const held = offerSdp.replace('1 1 IN', '1 2 IN').concat('a=sendonly\r\n');
const heldAnswer = answerSdp.replace('1 1 IN', '1 2 IN').concat('a=recvonly\r\n');
let network: MemoryNetwork;
let agent: UserAgent;
let peer: RawPeer;

beforeEach(() => {
  jest.useFakeTimers();
  network = new MemoryNetwork();
  agent = createUserAgent({ transport: network.open(us), random: () => 0 });
  peer = new RawPeer(network, them, us);
});

afterEach(async () => {
  await agent.close();
  // What is still in the network.
  await pass(2);
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

/** A call that the peer made: it offered `offerSdp`. */
const inbound = async (headers: readonly Header[] = []) => {
  const invited = new Promise<IncomingInvite>((resolve) => agent.onInvite(resolve));
  await peer.send('INVITE', { headers: [['Max-Forwards', '70'], ...headers], content: sdpContent(offerSdp) });
  await pass(2);
  const { session } = await invited;
  session.answer(answerSdp);
  await pass(2);
  const ok = peer.response(200, 'INVITE');
  await peer.within(ok, 'ACK', 1);
  await pass(2);
  peer.received.length = 0;
  return { session, ok, events: eventsOf(session) };
};

/** A call that we made: the peer answered `answerSdp`. */
const outbound = async (headers: readonly Header[] = []) => {
  const session = agent.invite({ id: 'out', uri: `sip:+15550100@${them}`, from: '+15550199', sdp: offerSdp });
  const events = eventsOf(session);
  await pass(2);
  const invite = peer.request('INVITE');
  await peer.reply(invite, 200, { content: sdpContent(answerSdp), headers });
  await pass(2);
  peer.received.length = 0;
  events.length = 0;
  return { session, invite, events };
};

describe('A re-INVITE of the peer', () => {
  it('is refused for a while when the session is changed too often, and the session stays as it is', async () => {
    const { session, ok } = await inbound();
    let changes = 0;
    session.on('offer', () => {
      changes++;
      session.acceptOffer(heldAnswer);
    });
    for (let i = 0; i < 40; i++) {
      const offer = offerSdp.replace('1 1 IN', `1 ${i + 2} IN`);
      await peer.within(ok, 'UPDATE', 2 + i, { content: sdpContent(offer) });
      await pass(2);
    }
    expect(changes).toBe(20);
    const refusal = peer.response(500, 'UPDATE');
    expect(refusal.headers.get('Retry-After')).toBeDefined();
    expect(session.over).toBe(false);
    await pass(1_000);
    await peer.within(ok, 'UPDATE', 50, { content: sdpContent(held) });
    await pass(2);
    expect(changes).toBe(21);
  });

  it('is answered by the owner', async () => {
    const { session, ok } = await inbound();
    session.on('offer', ({ sdp }) => {
      expect(sdp).toBe(held);
      session.acceptOffer(heldAnswer);
    });
    await peer.within(ok, 'INVITE', 2, { content: sdpContent(held) });
    await pass(2);
    expect(peer.heard).toEqual(['100 INVITE', '200 INVITE']);
    expect(peer.response(200, 'INVITE').body.toString()).toBe(heldAnswer);
    await peer.within(ok, 'ACK', 2);
    await pass(40_000);
    expect(peer.heard).toHaveLength(2);
  });

  it('that offers what both have already is answered without the owner', async () => {
    const { session, ok } = await inbound();
    session.on('offer', () => session.refuseOffer(500));
    await peer.within(ok, 'INVITE', 2, { content: sdpContent(offerSdp) });
    await pass(2);
    expect(peer.response(200, 'INVITE').body.toString()).toBe(answerSdp);
    await peer.within(ok, 'ACK', 2);
    await pass(2);
  });

  it('without an offer is answered with the owner’s, and the ACK has the answer', async () => {
    const { session, ok, events } = await inbound();
    session.on('offer', ({ sdp }) => {
      expect(sdp).toBeUndefined();
      session.acceptOffer(answerSdp);
    });
    await peer.within(ok, 'INVITE', 2);
    await pass(2);
    await peer.within(ok, 'ACK', 2, { content: sdpContent(held) });
    await pass(2);
    expect(events).toEqual([{ name: 'confirmed', sdp: held }]);
  });

  it('that offers what was an answer to ours is answered by the owner: our offer was wider', async () => {
    const { session, ok } = await inbound();
    const offers: (string | undefined)[] = [];
    session.on('offer', ({ sdp }) => {
      offers.push(sdp);
      session.acceptOffer(sdp === undefined ? answerSdp : heldAnswer);
    });
    await peer.within(ok, 'INVITE', 2);
    await pass(2);
    await peer.within(ok, 'ACK', 2, { content: sdpContent(held) });
    for (const sequence of [3, 4]) {
      await peer.within(ok, 'INVITE', sequence, { content: sdpContent(held) });
      await pass(2);
      expect(peer.response(200, 'INVITE').body.toString()).toBe(heldAnswer);
      await peer.within(ok, 'ACK', sequence);
      await pass(2);
    }
    expect(offers).toEqual([undefined, held]);
  });

  it('is refused as the owner says, and the session goes on', async () => {
    const { session, ok } = await inbound();
    session.on('offer', () => session.refuseOffer(488));
    await peer.within(ok, 'INVITE', 2, { content: sdpContent(held) });
    await pass(2);
    expect(peer.heard).toEqual(['100 INVITE', '488 INVITE']);
    expect(session.over).toBe(false);
  });

  it('is refused with 488 when no owner takes offers', async () => {
    const { ok } = await inbound();
    await peer.within(ok, 'INVITE', 2, { content: sdpContent(held) });
    await pass(2);
    expect(peer.heard).toEqual(['100 INVITE', '488 INVITE']);
  });

  it('gets 500 while the one before is unanswered', async () => {
    const { session, ok } = await inbound();
    session.on('offer', () => {});
    await peer.within(ok, 'INVITE', 2, { content: sdpContent(held) });
    await peer.within(ok, 'INVITE', 3, { content: sdpContent(held) });
    await pass(2);
    expect(peer.heard).toEqual(['100 INVITE', '500 INVITE']);
    expect(peer.response(500, 'INVITE').headers.get('Retry-After')).toBe('0');
  });

  it('is ended with 487 by a BYE that overtakes our answer', async () => {
    const { session, ok, events } = await inbound();
    session.on('offer', () => {});
    await peer.within(ok, 'INVITE', 2, { content: sdpContent(held) });
    await peer.within(ok, 'BYE', 3);
    await pass(2);
    expect(peer.heard.sort()).toEqual(['100 INVITE', '200 BYE', '487 INVITE']);
    expect(events).toMatchObject([{ name: 'ended' }]);
    session.acceptOffer(heldAnswer);
    await pass(2);
    expect(peer.heard).toHaveLength(3);
  });

  it('changes where our requests go', async () => {
    const { session, ok } = await inbound();
    session.on('offer', () => session.acceptOffer(heldAnswer));
    await peer.within(ok, 'INVITE', 2, {
      content: sdpContent(held),
      headers: [['Contact', '<sip:elsewhere@198.51.100.7:5070>']],
    });
    await pass(2);
    expect(session.dialog).toMatchObject({
      remoteTarget: 'sip:elsewhere@198.51.100.7:5070',
      peerAddress: '198.51.100.7',
      peerPort: 5070,
    });
    await peer.within(ok, 'ACK', 2);
    await pass(2);
  });
});

describe('A re-INVITE of ours', () => {
  it('is acknowledged and gives the answer', async () => {
    const { session } = await outbound();
    const answer = session.offer(held);
    await pass(2);
    const invite = peer.request('INVITE');
    expect(invite.headers.get('CSeq')).toBe('2 INVITE');
    await peer.reply(invite, 200, { content: sdpContent(heldAnswer) });
    await pass(2);
    expect(await answer).toBe(heldAnswer);
    expect(peer.heard).toEqual(['INVITE', 'ACK']);
  });

  it('that crosses one of the peer’s is refused and refuses, and is tried again', async () => {
    const { session, invite: first } = await outbound();
    session.on('offer', () => session.acceptOffer(heldAnswer));
    const answer = session.offer(held);
    await pass(2);
    await peer.back(first, 'peer', 'INVITE', 1, { content: sdpContent(held) });
    await pass(2);
    expect(peer.heard).toEqual(['INVITE', '491 INVITE']);
    await peer.reply(peer.request('INVITE'), 491);
    await pass(2);
    // We made the Call-ID, so we wait for 2.1 s at least.
    await pass(2_090);
    const invites = (): number => peer.heard.filter((what) => what === 'INVITE').length;
    expect(invites()).toBe(1);
    await pass(20);
    expect(invites()).toBe(2);
    await peer.reply(peer.request('INVITE'), 200, { content: sdpContent(heldAnswer) });
    await pass(2);
    expect(await answer).toBe(heldAnswer);
  });

  it('that is refused leaves the session as it was', async () => {
    const { session } = await outbound();
    const answer = session.offer(held);
    answer.catch(() => {});
    await pass(2);
    await peer.reply(peer.request('INVITE'), 488);
    await pass(2);
    await expect(answer).rejects.toMatchObject({ code: 'sip.offer-refused', params: { status: 488 } });
    expect(session.over).toBe(false);
  });

  it('shows that the peer has lost the dialog', async () => {
    const { session, events } = await outbound();
    const answer = session.offer(held);
    answer.catch(() => {});
    await pass(2);
    await peer.reply(peer.request('INVITE'), 481);
    await pass(2);
    expect(events).toMatchObject([{ name: 'failed', code: 'sip.dialog-lost' }]);
    expect(peer.heard).toEqual(['INVITE', 'ACK', 'BYE']);
  });

  it('that a BYE of the peer overtakes is still acknowledged', async () => {
    const { session, invite: first } = await outbound();
    const answer = session.offer(held);
    answer.catch(() => {});
    await pass(2);
    await peer.back(first, 'peer', 'BYE', 1);
    await pass(2);
    await peer.reply(peer.request('INVITE'), 200, { content: sdpContent(heldAnswer) });
    await pass(2);
    await expect(answer).rejects.toMatchObject({ code: 'sip.session-over' });
    expect(peer.heard).toEqual(['INVITE', '200 BYE', 'ACK']);
  });

  it('waits for the ACK to our first answer', async () => {
    const invited = new Promise<IncomingInvite>((resolve) => agent.onInvite(resolve));
    await peer.send('INVITE', { content: sdpContent(offerSdp) });
    await pass(2);
    const { session } = await invited;
    session.answer(answerSdp);
    const answer = session.offer(held);
    await pass(2);
    expect(peer.heard).not.toContain('INVITE');
    await peer.within(peer.response(200, 'INVITE'), 'ACK', 1);
    await pass(2);
    await peer.reply(peer.request('INVITE'), 200, { content: sdpContent(heldAnswer) });
    await pass(2);
    expect(await answer).toBe(heldAnswer);
  });
});

describe('An UPDATE of the peer', () => {
  it('without SDP is answered at once', async () => {
    const { ok } = await inbound();
    await peer.within(ok, 'UPDATE', 2);
    await pass(2);
    expect(peer.heard).toEqual(['200 UPDATE']);
    expect(peer.received[0]!.body).toHaveLength(0);
  });

  it('with an offer is answered by the owner, and a second one waits its turn', async () => {
    const { session, ok } = await inbound();
    session.on('offer', () => {});
    await peer.within(ok, 'UPDATE', 2, { content: sdpContent(held) });
    await peer.within(ok, 'UPDATE', 3, { content: sdpContent(held) });
    await pass(2);
    expect(peer.heard).toEqual(['500 UPDATE']);
    session.acceptOffer(heldAnswer);
    await pass(2);
    expect(peer.response(200, 'UPDATE').body.toString()).toBe(heldAnswer);
  });
});

describe('A session timer', () => {
  it('that the peer keeps ends the session when it does not', async () => {
    const { events } = await inbound([
      ['Supported', 'timer'],
      ['Session-Expires', '90;refresher=uac'],
    ]);
    await pass(59_900);
    expect(events).toEqual([]);
    await pass(200);
    expect(events).toMatchObject([{ name: 'failed', code: 'sip.session-expired' }]);
    expect(peer.heard).toEqual(['BYE']);
  });

  it('that the peer keeps is set anew by its refresh', async () => {
    const timer: readonly Header[] = [
      ['Supported', 'timer'],
      ['Session-Expires', '90;refresher=uac'],
    ];
    const { ok, events } = await inbound(timer);
    await pass(50_000);
    await peer.within(ok, 'UPDATE', 2, { headers: timer });
    await pass(50_000);
    expect(events).toEqual([]);
    expect(peer.response(200, 'UPDATE').headers.get('Session-Expires')).toBe('90;refresher=uac');
    expect(peer.response(200, 'UPDATE').headers.get('Require')).toBe('timer');
  });

  it('that we keep is refreshed by UPDATE where the peer takes it', async () => {
    const { events } = await outbound([
      ['Allow', 'INVITE, ACK, BYE, UPDATE'],
      ['Session-Expires', '100;refresher=uac'],
    ]);
    await pass(50_010);
    const update = peer.request('UPDATE');
    expect(update.headers.get('Session-Expires')).toBe('100;refresher=uac');
    expect(update.body).toHaveLength(0);
    await peer.reply(update, 200, { headers: [['Session-Expires', '100;refresher=uac']] });
    await pass(49_000);
    expect(peer.heard).toEqual(['UPDATE']);
    expect(events).toEqual([]);
  });

  it('that we keep is refreshed by a re-INVITE with the same SDP otherwise', async () => {
    await outbound([['Session-Expires', '100;refresher=uac']]);
    await pass(50_010);
    const invite = peer.request('INVITE');
    expect(invite.body.toString()).toBe(offerSdp);
    await peer.reply(invite, 200, { content: sdpContent(answerSdp) });
    await pass(2);
    expect(peer.heard).toEqual(['INVITE', 'ACK']);
  });

  it('that nobody answers ends the session', async () => {
    const { events } = await outbound([['Session-Expires', '100;refresher=uac']]);
    await pass(99_000);
    expect(events).toMatchObject([{ name: 'failed' }]);
    expect(peer.heard).toContain('BYE');
  });

  it('is asked for again when the peer wants a longer one', async () => {
    const session = agent.invite({ id: 'out', uri: `sip:x@${them}`, from: '+15550199', sdp: offerSdp });
    const events = eventsOf(session);
    await pass(2);
    await peer.reply(peer.request('INVITE'), 422, { headers: [['Min-SE', '3600']] });
    await pass(2);
    const again = peer.request('INVITE');
    expect(again.headers.get('Session-Expires')).toBe('3600');
    expect(again.headers.get('Min-SE')).toBe('3600');
    await peer.reply(again, 200, { content: sdpContent(answerSdp) });
    await pass(2);
    expect(events).toMatchObject([{ name: 'answered' }]);
  });
});

describe('A peer behind NAT', () => {
  it('is reached where its messages come from when its Contact is a private address', async () => {
    const { session } = await inbound([['Contact', '<sip:phone@10.1.1.1:5090>']]);
    expect(session.dialog).toMatchObject({ peerAddress: them, peerPort: 5060 });
    void session.bye();
    await pass(2);
    expect(peer.request('BYE').uri).toBe('sip:phone@10.1.1.1:5090');
  });
});
