import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Dialog } from '@tandem/proto/generated/events.ts';
import { type Header, sdpContent } from '../message/build-message.ts';
import { MemoryNetwork } from '../testing/memory-network.ts';
import { answerSdp, offerSdp, RawPeer } from '../testing/raw-peer.ts';
import { eventsOf } from '../testing/session-events.ts';
import { createUserAgent } from '../user-agent.ts';
import type { DialogSession, IncomingInvite, UserAgent } from './session.ts';

const us = '192.0.2.1';
const them = '192.0.2.2';
const moved = offerSdp.replace('1 1 IN', '1 2 IN').replace('4000', '4002');
let network: MemoryNetwork;
let agents: UserAgent[];
let peer: RawPeer;

beforeEach(() => {
  jest.useFakeTimers();
  network = new MemoryNetwork();
  agents = [];
  peer = new RawPeer(network, them, us);
});

afterEach(async () => {
  for (const agent of agents) await agent.close();
  // What is still in the network.
  await pass(2);
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

/** Another process at the same address; the one before says nothing any more. */
const start = (options: { waits?: boolean } = {}): UserAgent => {
  for (const before of agents) void before.close();
  const agent = createUserAgent({ transport: network.open(us), random: () => 0, ...options });
  agents.push(agent);
  return agent;
};

/** A dialog as it comes from the store, ahead of all that was sent. */
const stored = ({ dialog }: DialogSession): Dialog =>
  JSON.parse(JSON.stringify({ ...dialog, localSeq: dialog.localSeq + 1000 }));

const ALLOW: Header = ['Allow', 'INVITE, ACK, BYE, UPDATE'];

/** A call of the peer's that we answered with `answerSdp`. */
const answered = async (headers: readonly Header[] = []) => {
  const agent = start();
  const invited = new Promise<IncomingInvite>((resolve) => agent.onInvite(resolve));
  const invite = await peer.send('INVITE', {
    headers: [['Max-Forwards', '70'], ...headers],
    content: sdpContent(offerSdp),
  });
  await pass(2);
  const { session, via } = await invited;
  const asked = stored(session);
  session.answer(answerSdp);
  await pass(2);
  return { invite, session, via, asked, ok: peer.response(200, 'INVITE') };
};

const inbound = async (headers: readonly Header[] = []) => {
  const call = await answered(headers);
  await peer.within(call.ok, 'ACK', 1);
  await pass(2);
  peer.received.length = 0;
  return call;
};

/** A call of ours that the peer answered with `answerSdp`. */
const outbound = async (headers: readonly Header[] = []) => {
  const session = start().invite({
    id: 'out',
    uri: `sip:+15550100@${them}`,
    from: '+15550199',
    sdp: offerSdp,
  });
  await pass(2);
  const invite = peer.request('INVITE');
  await peer.reply(invite, 200, { content: sdpContent(answerSdp), headers });
  await pass(2);
  peer.received.length = 0;
  return { session, invite };
};

const OUT = { outbound: true, local: offerSdp, remote: answerSdp };
const IN = { outbound: false, local: answerSdp, remote: offerSdp };

describe('A dialog that another process had', () => {
  it('goes on with the requests of either side', async () => {
    const { session, ok } = await inbound();
    const restored = start().restore('again', stored(session), IN);
    const events = eventsOf(restored);
    await peer.within(ok, 'INFO', 2, {
      content: { type: 'application/dtmf-relay', body: 'Signal=5\r\nDuration=160\r\n' },
    });
    await pass(2);
    expect(events).toEqual([{ name: 'digit', digit: '5', duration: 160 }]);
    const done = restored.bye();
    await pass(2);
    expect(peer.request('BYE').headers.get('CSeq')).toBe('1001 BYE');
    await peer.reply(peer.request('BYE'), 200);
    await pass(2);
    expect(await done).toBe(200);
  });

  it('ends with the BYE of the peer', async () => {
    const { session, invite } = await outbound();
    const restored = start().restore('again', stored(session), OUT);
    const events = eventsOf(restored);
    await peer.back(invite, 'peer', 'BYE', 1);
    await pass(2);
    expect(peer.heard).toEqual(['200 BYE']);
    expect(events).toMatchObject([{ name: 'ended' }]);
  });

  it('has offers answered, those that change nothing by itself', async () => {
    const { session, invite } = await outbound();
    const restored = start().restore('again', stored(session), OUT);
    const offers: (string | undefined)[] = [];
    restored.on('offer', ({ sdp }) => {
      offers.push(sdp);
      restored.acceptOffer(offerSdp);
    });
    await peer.back(invite, 'peer', 'UPDATE', 1, { content: sdpContent(answerSdp) });
    await pass(2);
    expect(peer.response(200, 'UPDATE').body.toString()).toBe(offerSdp);
    expect(offers).toEqual([]);
    await peer.back(invite, 'peer', 'UPDATE', 2, { content: sdpContent(moved) });
    await pass(2);
    expect(offers).toEqual([moved]);
  });

  it('tells the peer of other ports by a re-INVITE', async () => {
    const { session } = await outbound();
    const restored = start().restore('again', stored(session), OUT);
    const answer = restored.offer(moved);
    await pass(2);
    expect(peer.request('INVITE').body.toString()).toBe(moved);
    expect(peer.request('INVITE').headers.get('CSeq')).toBe('1002 INVITE');
    await peer.reply(peer.request('INVITE'), 200, { content: sdpContent(answerSdp) });
    await pass(2);
    expect(await answer).toBe(answerSdp);
    expect(peer.heard).toEqual(['INVITE', 'ACK']);
  });

  it('is refreshed by UPDATE where the peer takes that, else by the SDP that it has', async () => {
    const { session } = await inbound([ALLOW]);
    const refreshed = start().restore('again', stored(session), IN).refresh();
    await pass(2);
    await peer.reply(peer.request('UPDATE'), 200);
    await pass(2);
    expect(await refreshed).toBeUndefined();

    const other = await outbound();
    const again = start().restore('again', stored(other.session), OUT).refresh();
    await pass(2);
    expect(peer.request('INVITE').body.toString()).toBe(offerSdp);
    await peer.reply(peer.request('INVITE'), 200, { content: sdpContent(answerSdp) });
    await pass(2);
    expect(await again).toBe(answerSdp);
  });

  it('is refreshed by a re-INVITE at once where the peer does not take its UPDATE after all', async () => {
    const { session } = await inbound([ALLOW]);
    const refreshed = start().restore('again', stored(session), IN).refresh();
    await pass(2);
    await peer.reply(peer.request('UPDATE'), 405);
    await pass(2);
    expect(peer.request('INVITE').body.toString()).toBe(answerSdp);
    await peer.reply(peer.request('INVITE'), 200, { content: sdpContent(offerSdp) });
    await pass(2);
    expect(await refreshed).toBe(offerSdp);
  });

  it.each([481, 408])(
    'is over when the peer says %d to the refresh, which its owner hears',
    async (status) => {
      const { session } = await inbound([ALLOW]);
      const restored = start().restore('again', stored(session), IN);
      const events = eventsOf(restored);
      restored.refresh().catch(() => {});
      await pass(2);
      await peer.reply(peer.request('UPDATE'), status);
      await pass(2);
      expect(events).toMatchObject([{ name: 'failed', code: 'sip.dialog-lost', status }]);
    },
  );

  it('has its session timer go on: whoever refreshed it does so again', async () => {
    const timer: readonly Header[] = [
      ['Supported', 'timer'],
      ['Session-Expires', '200;refresher=uac'],
    ];
    const { session } = await outbound([...timer, ALLOW]);
    expect(session.dialog).toMatchObject({ sessionInterval: 200, weRefresh: true, peerAllowsUpdate: true });
    start().restore('again', stored(session), OUT);
    await pass(100_002);
    expect(peer.request('UPDATE').headers.get('Session-Expires')).toBe('200;refresher=uac');

    const theirs = await inbound([...timer]);
    expect(theirs.session.dialog).toMatchObject({ sessionInterval: 200, weRefresh: false });
    const events = eventsOf(start().restore('again', stored(theirs.session), IN));
    await pass(200_000);
    expect(events).toMatchObject([{ name: 'failed', code: 'sip.session-expired' }]);
  });

  it('acknowledges an answer that the peer repeats, because the acknowledgement was lost', async () => {
    const { session, invite } = await outbound();
    start().restore('again', stored(session), OUT);
    await peer.reply(invite, 200, { content: sdpContent(answerSdp) });
    await pass(2);
    expect(peer.heard).toEqual(['ACK']);
    expect(peer.request('ACK').headers.get('CSeq')).toBe('1 ACK');
  });

  it('answers a challenge with the credentials of its trunk', async () => {
    const { session } = await outbound();
    const credentials = { username: 'ann', password: 'secret' };
    void start()
      .restore('again', stored(session), { ...OUT, credentials })
      .bye();
    await pass(2);
    const challenge: Header = ['WWW-Authenticate', 'Digest realm="x", nonce="1", algorithm=MD5'];
    await peer.reply(peer.request('BYE'), 401, { headers: [challenge] });
    await pass(2);
    expect(peer.request('BYE').headers.get('Authorization')).toContain('username="ann"');
    await peer.reply(peer.request('BYE'), 200);
    await pass(2);
  });
});

describe('A call whose answer was not acknowledged', () => {
  it('is answered again, within its INVITE, until it is', async () => {
    const { asked, via, ok, invite } = await answered([['Record-Route', '<sip:proxy.example;lr>']]);
    peer.received.length = 0;
    const restored = start().restore('again', asked, { ...IN, unacknowledged: via });
    const events = eventsOf(restored);
    await pass(700);
    expect(peer.heard).toEqual(['200 INVITE', '200 INVITE']);
    const again = peer.response(200, 'INVITE');
    for (const name of ['To', 'From', 'Call-ID', 'CSeq', 'Contact', 'Record-Route'])
      expect(again.headers.get(name)?.replace(/"Ann" /, '')).toBe(
        ok.headers.get(name)?.replace(/"Ann" /, ''),
      );
    expect(again.body.toString()).toBe(answerSdp);
    // The INVITE itself may come again, and is no new one.
    await peer.again(invite);
    await pass(2);
    await peer.within(ok, 'ACK', 1);
    await pass(40_000);
    expect(peer.heard).toEqual(['200 INVITE', '200 INVITE']);
    expect(events).toEqual([{ name: 'confirmed', sdp: undefined }]);
  });

  it('is hung up when it never is', async () => {
    const { asked, via } = await answered();
    const events = eventsOf(start().restore('again', asked, { ...IN, unacknowledged: via }));
    await pass(33_000);
    expect(peer.heard.at(-1)).toBe('BYE');
    expect(events).toMatchObject([{ name: 'failed', code: 'sip.no-ack' }]);
  });
});

describe('An INVITE that another process sent', () => {
  const sent = async () => {
    const session = start().invite({
      id: 'out',
      uri: `sip:+15550100@${them}`,
      from: '+15550199',
      sdp: offerSdp,
    });
    const invites: { dialog: Dialog; via: string }[] = [];
    session.on('sent', (invite) => invites.push(JSON.parse(JSON.stringify(invite))));
    await pass(2);
    await peer.reply(peer.request('INVITE'), 180);
    await pass(2);
    const invite = peer.request('INVITE');
    peer.received.length = 0;
    expect(invites).toHaveLength(1);
    return { invite, told: invites[0]! };
  };

  it('is taken back, and its refusal acknowledged', async () => {
    const { invite, told } = await sent();
    start().withdraw(told, 'Q.850;cause=41');
    await pass(2);
    const cancel = peer.request('CANCEL');
    expect(cancel.uri).toBe(invite.uri);
    for (const name of ['Via', 'To', 'From', 'Call-ID'])
      expect(cancel.headers.get(name)).toBe(invite.headers.get(name));
    expect(cancel.headers.get('CSeq')).toBe('1 CANCEL');
    await peer.reply(cancel, 200);
    await peer.reply(invite, 487);
    await pass(2);
    expect(peer.heard).toEqual(['CANCEL', 'ACK']);
  });

  it('is acknowledged and hung up when it is answered all the same', async () => {
    const { invite, told } = await sent();
    start().withdraw(told);
    await pass(2);
    await peer.reply(peer.request('CANCEL'), 200);
    await peer.reply(invite, 200, { content: sdpContent(answerSdp) });
    await pass(2);
    expect(peer.heard).toEqual(['CANCEL', 'ACK', 'BYE']);
    await peer.reply(peer.request('BYE'), 200);
    await pass(2);
  });

  it('is not waited for without end', async () => {
    const { told } = await sent();
    start().withdraw(told);
    await pass(2);
    await peer.reply(peer.request('CANCEL'), 200);
    await pass(33_000);
    expect(peer.heard).toEqual(['CANCEL']);
  });
});

describe('A user agent that waits', () => {
  it('hears what came meanwhile once its dialogs are taken up', async () => {
    const { session, ok } = await inbound();
    const agent = start({ waits: true });
    await peer.within(ok, 'BYE', 2);
    await pass(100);
    expect(peer.heard).toEqual([]);
    const events = eventsOf(agent.restore('again', stored(session), IN));
    agent.hear();
    await pass(2);
    expect(peer.heard).toEqual(['200 BYE']);
    expect(events).toMatchObject([{ name: 'ended' }]);
  });

  it('keeps no more than a thousand messages', async () => {
    const agent = start({ waits: true });
    for (let at = 0; at < 1_010; at++) await peer.send('OPTIONS', { callId: `${at}` });
    await pass(2);
    agent.hear();
    await pass(2);
    expect(peer.heard.filter((heard) => heard === '200 OPTIONS' || heard === '503 OPTIONS')).toHaveLength(
      1_000,
    );
  });
});
