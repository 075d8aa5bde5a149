import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { buildResponse, sdpContent } from '../message/build-message.ts';
import { MemoryNetwork } from '../testing/memory-network.ts';
import { answerSdp, offerSdp, RawPeer } from '../testing/raw-peer.ts';
import { records } from '../testing/records.ts';
import { eventsOf } from '../testing/session-events.ts';
import { createUserAgent } from '../user-agent.ts';
import type { OutgoingInvite, UserAgent } from './session.ts';

const us = '192.0.2.1';
const them = '192.0.2.2';
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

const call = async (changes: Partial<OutgoingInvite> = {}) => {
  const uri = `sip:+15550100@${them}`;
  const session = agent.invite({ id: 'out', uri, from: '+15550199', sdp: offerSdp, ...changes });
  const events = eventsOf(session);
  await pass(2);
  return { session, events, invite: peer.request('INVITE') };
};

const established = async () => {
  const out = await call();
  await peer.reply(out.invite, 200, { content: sdpContent(answerSdp) });
  await pass(2);
  return out;
};

describe('An INVITE of ours', () => {
  it('is acknowledged when it is answered, again for each repetition of the answer', async () => {
    const { session, events, invite } = await established();
    expect(events).toMatchObject([{ name: 'answered', sdp: answerSdp }]);
    expect(session.dialog).toMatchObject({
      remoteTag: 'peer',
      remoteTarget: `sip:peer@${them}:5060`,
      peerAddress: them,
      peerPort: 5060,
      localSeq: 1,
    });
    await peer.reply(invite, 200, { content: sdpContent(answerSdp) });
    await pass(2);
    expect(peer.heard).toEqual(['INVITE', 'ACK', 'ACK']);
    expect(events).toHaveLength(1);
  });

  it('says which extensions we support, and requires none', async () => {
    const { headers } = (await call()).invite;
    expect([headers.all('Supported'), headers.has('Require')]).toEqual([['100rel', 'timer'], false]);
  });

  it('acknowledges an answer that is repeated after its transaction is over', async () => {
    const { invite } = await established();
    await pass(40_000);
    await peer.reply(invite, 200, { content: sdpContent(answerSdp) });
    await pass(2);
    expect(peer.heard).toEqual(['INVITE', 'ACK', 'ACK']);
  });

  it('is repeated by timer A and given up by timer B', async () => {
    const { events } = await call();
    await pass(31_600);
    expect(peer.heard).toEqual(Array(7).fill('INVITE'));
    await pass(500);
    expect(events).toMatchObject([{ name: 'failed', code: 'sip.timeout' }]);
  });

  describe('that is abandoned', () => {
    const abandoned = async (changes: Partial<OutgoingInvite> = {}) => {
      const out = await call(changes);
      await pass(4000);
      out.session.abandon();
      return out;
    };
    const silence = [{ name: 'failed', code: 'sip.no-reply' }];

    it('fails, is not sent again, and is forgotten after timer B', async () => {
      const { session, events } = await abandoned();
      expect([session.over, peer.heard]).toEqual([true, Array(4).fill('INVITE')]);
      await pass(40_000);
      expect(peer.heard).toHaveLength(4);
      expect(events).toMatchObject(silence);
    });

    it('is cancelled when it rings all the same, and the refusal acknowledged', async () => {
      const { events, invite } = await abandoned();
      await peer.reply(invite, 180);
      await pass(2);
      expect(peer.heard.slice(4)).toEqual(['CANCEL']);
      await peer.reply(peer.request('CANCEL'), 200);
      await peer.reply(invite, 487);
      await pass(2);
      expect(peer.heard.slice(5)).toEqual(['ACK']);
      expect(events).toMatchObject(silence);
    });

    it.each([1, 40_000])('is hung up when it is answered %i ms later', async (late) => {
      const { events, invite } = await abandoned();
      await pass(late);
      await peer.reply(invite, 200, { content: sdpContent(answerSdp) });
      await pass(2);
      await peer.reply(peer.request('BYE'), 200);
      expect(peer.heard.slice(4)).toEqual(['ACK', 'BYE']);
      expect(events).toMatchObject(silence);
    });

    it('is not sent anew to somebody who asks for credentials late', async () => {
      const { events, invite } = await abandoned({ credentials: { username: 'u', password: 'p' } });
      await peer.reply(invite, 401, {
        headers: [['WWW-Authenticate', 'Digest realm="x", nonce="n", algorithm=MD5']],
      });
      await pass(2);
      expect(peer.heard.slice(4)).toEqual(['ACK']);
      expect(events).toMatchObject(silence);
    });

    it('goes on when anything was heard of it', async () => {
      const { session, events, invite } = await call();
      await peer.reply(invite, 100);
      await pass(2);
      session.abandon();
      await peer.reply(invite, 200, { content: sdpContent(answerSdp) });
      await pass(2);
      expect(events).toMatchObject([{ name: 'answered' }]);
    });
  });

  it('fails at once when it cannot be sent', async () => {
    const transport = network.open('192.0.2.9');
    transport.broken = true;
    const cut = createUserAgent({ transport });
    const events = eventsOf(cut.invite({ id: 'cut', uri: `sip:x@${them}`, from: '+1', sdp: offerSdp }));
    await pass(1);
    expect(events).toMatchObject([
      { name: 'failed', code: 'sip.transport-failed', message: expect.stringContaining('the cable is cut') },
    ]);
    await cut.close();
  });

  it('fails with the reason when its host may not be called, and nothing is sent', async () => {
    const strict = createUserAgent({
      transport: network.open('192.0.2.9'),
      resolver: records({ addresses: { 'inside.example.com': ['10.0.0.1'] } }),
      refuses: ({ host }, address) => `${host} ${address}`,
    });
    const uri = 'sip:x@inside.example.com';
    const events = eventsOf(strict.invite({ id: 'strict', uri, from: '+1', sdp: offerSdp }));
    await pass(1);
    await pass(1);
    expect(events).toMatchObject([
      { name: 'failed', code: 'sip.private-address', message: expect.stringContaining('10.0.0.1') },
    ]);
    expect(network.sent).toEqual([]);
    await strict.close();
  });

  it('tells a refusal with what Retry-After says', async () => {
    const { session, events, invite } = await call();
    await peer.reply(invite, 503, { headers: [['Retry-After', '30 (maintenance)']] });
    await pass(2);
    expect(peer.heard).toEqual(['INVITE', 'ACK']);
    expect(events).toMatchObject([{ name: 'refused', status: 503, retryAfter: 30 }]);
    expect(session.over).toBe(true);
  });

  it('ignores ringing that comes after the answer', async () => {
    const { events, invite } = await established();
    await peer.reply(invite, 180);
    await pass(2);
    expect(events.map(({ name }) => name)).toEqual(['answered']);
  });

  it.each([
    ['*', '*'],
    ['two addresses', `<sip:a@${them}>, <sip:b@${them}>`],
    ['none that can be read', '<sip:>'],
  ])('ends an answer whose Contact is %s, and says why', async (_, contact) => {
    const { events, invite } = await call();
    const answer = buildResponse(invite, 200, {
      tag: 'peer',
      headers: [['Contact', contact]],
      content: sdpContent(answerSdp),
    });
    await peer.again(answer);
    await pass(2);
    expect(events).toMatchObject([{ name: 'failed', code: 'sip.unusable-contact' }]);
    // It has taken the call, and must hear that it is over.
    expect(peer.heard).toEqual(['INVITE', 'ACK', 'BYE']);
  });

  it('tells of so much ringing as a leg can keep, whatever a callee floods it with', async () => {
    const { events, invite } = await call();
    for (let n = 0; n < 200; n++) await peer.reply(invite, 180 + (n % 4), { phrase: `Still ${n}` });
    await pass(2);
    expect(events.length).toBe(8);
    // Later it may say more, as much as one a second.
    await pass(10_000);
    for (let n = 0; n < 200; n++)
      await peer.reply(invite, 183, { content: sdpContent(`${answerSdp}a=x:${n}\r\n`) });
    await pass(2);
    expect(events.length).toBe(16);
    // The answer is none of them.
    await peer.reply(invite, 200, { content: sdpContent(answerSdp) });
    await pass(2);
    expect(events.at(-1)!.name).toBe('answered');
  });

  it('ends an answer without SDP', async () => {
    const { events, invite } = await call();
    await peer.reply(invite, 200);
    await pass(2);
    expect(peer.heard).toEqual(['INVITE', 'ACK', 'BYE']);
    expect(events).toMatchObject([{ name: 'failed', code: 'sip.missing-answer' }]);
  });

  it('takes one answer of a forked call, and acknowledges and ends the other', async () => {
    const { events, invite, session } = await call();
    await peer.reply(invite, 180, { tag: 'left' });
    await peer.reply(invite, 183, { tag: 'right', content: sdpContent(answerSdp) });
    await peer.reply(invite, 200, { tag: 'right', content: sdpContent(answerSdp) });
    await peer.reply(invite, 200, { tag: 'left', content: sdpContent(answerSdp) });
    await pass(2);
    expect(events.map(({ name }) => name)).toEqual(['progress', 'progress', 'answered']);
    expect(session.dialog.remoteTag).toBe('right');
    expect(peer.heard).toEqual(['INVITE', 'ACK', 'ACK', 'BYE']);
    expect(peer.request('BYE').headers.get('To')).toContain('tag=left');
    await peer.reply(peer.request('BYE'), 200);
    await pass(2);
    expect(session.over).toBe(false);
  });

  it('counts the requests of each early dialog for itself', async () => {
    const { session, events, invite } = await call();
    await peer.reply(invite, 180, { tag: 'left' });
    await peer.reply(invite, 180, { tag: 'right' });
    await pass(2);
    await peer.back(invite, 'left', 'INFO', 5000);
    await pass(2);
    await peer.reply(invite, 200, { tag: 'right', content: sdpContent(answerSdp) });
    await pass(2);
    await peer.back(invite, 'right', 'BYE', 7);
    await pass(2);
    expect(peer.heard).toEqual(['INVITE', '200 INFO', 'ACK', '200 BYE']);
    expect([session.over, events.at(-1)]).toMatchObject([true, { name: 'ended' }]);
  });

  it('learns where a fork is from requests of that fork only', async () => {
    const { session, invite } = await call();
    await peer.reply(invite, 180, { tag: 'left' });
    await peer.reply(invite, 180, { tag: 'right' });
    await pass(2);
    const elsewhere = `sip:left@${them}:5099`;
    await peer.back(invite, 'left', 'UPDATE', 1, { headers: [['Contact', `<${elsewhere}>`]] });
    await pass(2);
    expect(peer.heard.at(-1)).toBe('200 UPDATE');
    expect(session.dialog).toMatchObject({ remoteTag: 'right', remoteTarget: `sip:peer@${them}:5060` });
    session.cancel();
    await peer.reply(peer.request('INVITE'), 487);
    await pass(2);
  });

  it('goes on with other forks when one says BYE before its answer', async () => {
    const { session, events, invite } = await call();
    await peer.reply(invite, 180, { tag: 'left' });
    await peer.reply(invite, 180, { tag: 'right' });
    await pass(2);
    await peer.back(invite, 'left', 'BYE', 1);
    await pass(2);
    await peer.reply(invite, 200, { tag: 'right', content: sdpContent(answerSdp) });
    await pass(2);
    expect(peer.heard).toEqual(['INVITE', '200 BYE', 'ACK']);
    expect([session.dialog.remoteTag, events.at(-1)]).toMatchObject(['right', { name: 'answered' }]);
  });

  it('acknowledges and ends no more than so many answers', async () => {
    const { session, invite } = await established();
    for (let fork = 0; fork < 100; fork++)
      await peer.reply(invite, 200, { tag: `fork-${fork}`, content: sdpContent(answerSdp) });
    await pass(2);
    const byes = peer.received.filter((message) => message.kind === 'request' && message.method === 'BYE');
    expect(byes).toHaveLength(15);
    for (const bye of byes) if (bye.kind === 'request') await peer.reply(bye, 200);
    await pass(2);
    expect(session.over).toBe(false);
  });

  it('takes the first answer whoever else rings', async () => {
    const { events, invite } = await call();
    for (let fork = 0; fork < 20; fork++) await peer.reply(invite, 180, { tag: `fork-${fork}` });
    await peer.reply(invite, 200, { tag: 'late', content: sdpContent(answerSdp) });
    await pass(2);
    expect(events.at(-1)).toMatchObject({ name: 'answered' });
  });

  it('follows the record of proxies on the way', async () => {
    const { invite, session } = await call();
    const route = `<sip:${them};lr>`;
    await peer.reply(invite, 200, {
      content: sdpContent(answerSdp),
      headers: [['Record-Route', `${route}, <sip:192.0.2.7;lr>`]],
    });
    await pass(2);
    // The response's own Record-Route order is the callee's; ours is the reverse.
    expect(session.dialog.routeSet).toEqual(['sip:192.0.2.7;lr', `sip:${them};lr`]);
  });
});

describe('A CANCEL of ours', () => {
  it('waits for a sign of the peer, and ends the call', async () => {
    const { session, events, invite } = await call();
    session.cancel('Q.850;cause=16');
    await pass(2);
    expect(peer.heard).toEqual(['INVITE']);
    await peer.reply(invite, 180);
    await pass(2);
    const cancel = peer.request('CANCEL');
    expect(cancel.headers.get('Reason')).toBe('Q.850;cause=16');
    expect(cancel.headers.get('Via')).toBe(invite.headers.get('Via'));
    await peer.reply(cancel, 200);
    await peer.reply(invite, 487);
    await pass(2);
    expect(peer.heard).toEqual(['INVITE', 'CANCEL', 'ACK']);
    expect(events).toMatchObject([{ name: 'refused', status: 487 }]);
  });

  it('that crosses the answer ends it with ACK and BYE', async () => {
    const { session, events, invite } = await call();
    await peer.reply(invite, 180);
    await pass(2);
    await peer.reply(invite, 200, { content: sdpContent(answerSdp) });
    session.cancel();
    await pass(2);
    await peer.reply(peer.request('CANCEL'), 481);
    await peer.reply(peer.request('BYE'), 200);
    await pass(2);
    expect(peer.heard).toEqual(['INVITE', 'CANCEL', 'ACK', 'BYE']);
    expect(events.map(({ name }) => name)).toEqual(['progress', 'refused']);
    expect(session.over).toBe(true);
  });

  it('gives a peer up that never answers the INVITE, and ends its answer that comes still later', async () => {
    const { session, events, invite } = await call();
    await peer.reply(invite, 180);
    await pass(2);
    session.cancel();
    await pass(32_100);
    expect(events.at(-1)).toMatchObject({ name: 'refused', status: 487 });
    await peer.reply(invite, 200, { content: sdpContent(answerSdp) });
    await pass(2);
    expect(peer.heard.slice(-2)).toEqual(['ACK', 'BYE']);
  });

  it('is sent when the peer rings for too long', async () => {
    const { events, invite } = await call({ timeout: 20_000 });
    await peer.reply(invite, 180);
    await pass(20_001);
    await peer.reply(invite, 487);
    await pass(2);
    expect(events.at(-1)).toMatchObject({ name: 'refused', status: 408 });
  });

  it('after the answer is a BYE', async () => {
    const { session } = await established();
    session.cancel('SIP;cause=200');
    await pass(2);
    expect(peer.request('BYE').headers.get('Reason')).toBe('SIP;cause=200');
  });
});

describe('A challenge of the peer', () => {
  const challenge = (algorithm: string): readonly [string, string] => [
    'Proxy-Authenticate',
    `Digest realm="carrier", nonce="abc", algorithm=${algorithm}, qop="auth"`,
  ];

  it('is answered once with the better algorithm, in a new transaction', async () => {
    const { invite, events } = await call({ credentials: { username: 'us', password: 'secret' } });
    await peer.reply(invite, 407, { headers: [challenge('MD5'), challenge('SHA-256')] });
    await pass(2);
    const again = peer.request('INVITE');
    expect(peer.heard).toEqual(['INVITE', 'ACK', 'INVITE']);
    expect(again.headers.get('CSeq')).toBe('2 INVITE');
    expect(again.headers.get('Call-ID')).toBe(invite.headers.get('Call-ID'));
    expect(again.headers.get('Proxy-Authorization')).toMatch(/algorithm=SHA-256.*nc=00000001/);
    await peer.reply(again, 200, { content: sdpContent(answerSdp) });
    await pass(2);
    expect(events).toMatchObject([{ name: 'answered' }]);
  });

  it('is a refusal when there are no credentials, or when they are not taken', async () => {
    const { invite, events } = await call();
    await peer.reply(invite, 407, { headers: [challenge('MD5')] });
    await pass(2);
    expect(events).toMatchObject([{ name: 'refused', status: 407 }]);
  });
});

describe('Ringing that must be acknowledged', () => {
  const reliable = (number: number): readonly (readonly [string, string])[] => [
    ['Require', '100rel'],
    ['RSeq', `${number}`],
  ];

  it('gets a PRACK each, in order, and repetitions get none', async () => {
    const { invite, events } = await call();
    await peer.reply(invite, 183, { headers: reliable(7), content: sdpContent(answerSdp) });
    await peer.reply(invite, 183, { headers: reliable(7), content: sdpContent(answerSdp) });
    await peer.reply(invite, 180, { headers: reliable(9) });
    await peer.reply(invite, 180, { headers: reliable(8) });
    await pass(2);
    const pracks = peer.received.filter((m) => m.kind === 'request' && m.method === 'PRACK');
    expect(pracks.map((m) => m.headers.get('RAck'))).toEqual(['7 1 INVITE', '8 1 INVITE']);
    expect(events.map(({ status }) => status)).toEqual([183, 180]);
  });

  it('may have the answer, and then the 200 needs none', async () => {
    const { invite, events } = await call();
    await peer.reply(invite, 183, { headers: reliable(1), content: sdpContent(answerSdp) });
    await pass(2);
    await peer.reply(invite, 200);
    await pass(2);
    expect(events.at(-1)).toMatchObject({ name: 'answered', sdp: answerSdp });
  });
});
