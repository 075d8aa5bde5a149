import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Header, sdpContent } from '../message/build-message.ts';
import type { SipRequest } from '../message/message.ts';
import { MemoryNetwork } from '../testing/memory-network.ts';
import { answerSdp, offerSdp, RawPeer } from '../testing/raw-peer.ts';
import { eventsOf } from '../testing/session-events.ts';
import { createUserAgent } from '../user-agent.ts';
import type { IncomingInvite, UserAgent } from './session.ts';

const us = '192.0.2.1';
const them = '192.0.2.2';
let network: MemoryNetwork;
let agent: UserAgent;
let peer: RawPeer;
let invites: IncomingInvite[];

beforeEach(() => {
  jest.useFakeTimers();
  network = new MemoryNetwork();
  agent = createUserAgent({ transport: network.open(us), random: () => 0 });
  invites = [];
  agent.onInvite((invite) => invites.push(invite));
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

const ringing = async (headers: readonly Header[] = [], sdp: string | undefined = offerSdp) => {
  const content = sdp === '' ? undefined : sdpContent(sdp);
  const invite = await peer.send('INVITE', { headers: [['Max-Forwards', '70'], ...headers], content });
  await pass(2);
  const { session } = invites.at(-1)!;
  return { invite, session, events: eventsOf(session) };
};

const acknowledge = async (sdp?: string): Promise<SipRequest> => {
  const ack = await peer.within(peer.response(200, 'INVITE'), 'ACK', 1, {
    content: sdp === undefined ? undefined : sdpContent(sdp),
  });
  await pass(2);
  return ack;
};

const established = async () => {
  const call = await ringing();
  call.session.answer(answerSdp);
  await pass(2);
  await acknowledge();
  return call;
};

describe('A key that is pressed before the ACK has come', () => {
  it('waits for it: the peer may not have our 200 yet, and would say that it knows no such dialog', async () => {
    const { session } = await ringing();
    session.answer(answerSdp);
    await pass(2);
    session.sendDigit('5', 100);
    await pass(2);
    expect(peer.heard).not.toContain('INFO');
    await acknowledge();
    expect(peer.heard.filter((what) => what === 'INFO')).toHaveLength(1);
    await peer.reply(peer.request('INFO'), 200);
    await pass(2);
  });
});

describe('An INVITE of a peer', () => {
  it('gets 100 at once and nothing else until its owner says so', async () => {
    await ringing();
    await pass(10_000);
    expect(peer.heard).toEqual(['100 INVITE']);
    expect(invites).toMatchObject([
      { from: '+15550199', to: '+15550100', sdp: offerSdp, facts: { callerName: 'Ann', maxForwards: 70 } },
    ]);
  });

  it('is refused by another process from what was stored of it, until the peer acknowledges', async () => {
    const { invite, session } = await ringing();
    const { via } = invites[0]!;
    const dialog = JSON.parse(JSON.stringify(session.dialog));
    // The process that had it is gone.
    await agent.close();
    agent = createUserAgent({ transport: network.open(us), random: () => 0 });
    agent.refuse(dialog, via, 500, 'Q.850;cause=41');
    await pass(700);
    expect(peer.heard).toEqual(['100 INVITE', '500 INVITE', '500 INVITE']);
    const refusal = peer.response(500, 'INVITE');
    for (const name of ['From', 'Call-ID', 'CSeq'])
      expect(refusal.headers.get(name)).toBe(invite.headers.get(name)?.replace('"Ann" ', ''));
    expect(refusal.headers.all('Via')).toEqual([
      expect.stringContaining(invite.headers.get('Via')!.split(';')[1]!),
    ]);
    expect(refusal.headers.get('Reason')).toBe('Q.850;cause=41');
    await peer.send('ACK', {
      branch: /branch=([^;]+)/.exec(invite.headers.get('Via')!)![1],
      to: refusal.headers.get('To')!,
    });
    await pass(60_000);
    expect(peer.heard).toEqual(['100 INVITE', '500 INVITE', '500 INVITE']);
  });

  it('that is repeated gets the last response again, and is one call', async () => {
    const { invite, session } = await ringing();
    session.ring();
    await peer.again(invite);
    await pass(2);
    expect(peer.heard).toEqual(['100 INVITE', '180 INVITE', '180 INVITE']);
    expect(invites).toHaveLength(1);
  });

  it('that came by two ways is one call: the copy gets 482', async () => {
    await ringing();
    await peer.send('INVITE', { branch: 'z9hG4bKother', content: sdpContent(offerSdp) });
    await pass(2);
    expect(peer.heard).toEqual(['100 INVITE', '482 INVITE']);
    expect(invites).toHaveLength(1);
  });

  it('rings again every minute, so that proxies do not give it up', async () => {
    const { session } = await ringing();
    session.ring();
    await pass(120_500);
    expect(peer.heard).toEqual(['100 INVITE', '180 INVITE', '180 INVITE', '180 INVITE']);
  });

  it('is answered until the ACK comes', async () => {
    const { session, events } = await ringing();
    session.answer(answerSdp);
    await pass(3_600);
    expect(peer.heard.filter((what) => what === '200 INVITE')).toHaveLength(4);
    await acknowledge();
    await pass(10_000);
    expect(peer.heard.filter((what) => what === '200 INVITE')).toHaveLength(4);
    expect(events).toEqual([{ name: 'confirmed', sdp: undefined }]);
  });

  it('whose answer is never acknowledged is ended with BYE', async () => {
    const { session, events } = await ringing();
    session.answer(answerSdp);
    await pass(31_900);
    expect(events).toEqual([]);
    await pass(200);
    expect(events).toMatchObject([{ name: 'failed', code: 'sip.no-ack' }]);
    expect(peer.heard.at(-1)).toBe('BYE');
  });

  it('is refused with the status and reason, until the ACK comes', async () => {
    const { invite, session } = await ringing();
    session.reject(486, 'Q.850;cause=17');
    await pass(600);
    expect(peer.heard).toEqual(['100 INVITE', '486 INVITE', '486 INVITE']);
    expect(peer.response(486, 'INVITE').headers.get('Reason')).toBe('Q.850;cause=17');
    const { headers } = invite;
    const branch = /branch=([^;]+)/.exec(headers.get('Via')!)![1]!;
    await peer.send('ACK', { branch, to: peer.response(486, 'INVITE').headers.get('To')! });
    await pass(10_000);
    expect(peer.heard).toHaveLength(3);
  });

  it('without an offer is answered with one, and the ACK has the answer', async () => {
    const { session, events } = await ringing([], '');
    expect(invites[0]!.sdp).toBeUndefined();
    session.answer(offerSdp);
    await pass(2);
    await acknowledge(answerSdp);
    expect(events).toEqual([{ name: 'confirmed', sdp: answerSdp }]);
  });

  it.each([
    ['with no hops left', [['Max-Forwards', '0']], '483 INVITE'],
    ['with an extension that we lack', [['Require', 'frobnicate, timer']], '420 INVITE'],
    [
      'with too short a session timer',
      [
        ['Supported', 'timer'],
        ['Session-Expires', '60'],
      ],
      '422 INVITE',
    ],
  ] as const)('%s is refused', async (_, headers, response) => {
    await peer.send('INVITE', { headers, content: sdpContent(offerSdp) });
    await pass(2);
    expect(peer.heard).toEqual([response]);
    expect(invites).toEqual([]);
  });

  it('is told which of the extensions that it requires we lack', async () => {
    await peer.send('INVITE', { headers: [['Require', 'frobnicate, timer']], content: sdpContent(offerSdp) });
    await pass(2);
    expect(peer.response(420, 'INVITE').headers.all('Unsupported')).toEqual(['frobnicate']);
  });

  it('is refused with 503 when too many are under way', async () => {
    const small = createUserAgent({ transport: network.open('192.0.2.8'), limits: { perSource: 1 } });
    small.onInvite(() => {});
    const caller = new RawPeer(network, '192.0.2.3', '192.0.2.8');
    await caller.send('INVITE', { content: sdpContent(offerSdp) });
    await caller.send('INVITE', { callId: 'second', content: sdpContent(offerSdp) });
    await pass(2);
    expect(caller.heard).toEqual(['100 INVITE', '503 INVITE']);
    expect(caller.response(503, 'INVITE').headers.get('Retry-After')).toBe('5');
    await small.close();
  });
});

describe('A CANCEL of a peer', () => {
  const cancel = (invite: SipRequest) =>
    peer.send('CANCEL', {
      branch: /branch=([^;]+)/.exec(invite.headers.get('Via')!)![1]!,
      headers: [['Reason', 'SIP;cause=200;text="Call completed elsewhere"']],
    });

  it('ends the call with 487', async () => {
    const { invite, session, events } = await ringing();
    session.ring();
    await cancel(invite);
    await pass(2);
    expect(peer.heard).toEqual(['100 INVITE', '180 INVITE', '200 CANCEL', '487 INVITE']);
    expect(events).toEqual([{ name: 'cancelled', reason: 'SIP;cause=200;text="Call completed elsewhere"' }]);
    // Its owner may not have heard yet.
    session.answer(answerSdp);
    session.reject(486);
    await pass(2);
    expect(peer.heard).toHaveLength(4);
  });

  it('that crosses our answer changes nothing', async () => {
    const { invite, session, events } = await ringing();
    session.answer(answerSdp);
    await cancel(invite);
    await pass(2);
    expect(peer.heard).toEqual(['100 INVITE', '200 INVITE', '200 CANCEL']);
    await acknowledge();
    expect(events.map(({ name }) => name)).toEqual(['confirmed']);
  });

  it('of an unknown INVITE gets 481', async () => {
    await peer.send('CANCEL');
    await pass(2);
    expect(peer.heard).toEqual(['481 CANCEL']);
  });
});

describe('A BYE', () => {
  it('of the peer ends the session, and a repeated one gets its 200 again', async () => {
    const { session, events } = await established();
    const bye = await peer.within(peer.response(200, 'INVITE'), 'BYE', 2, {
      headers: [['Reason', 'Q.850;cause=16']],
    });
    await peer.again(bye);
    await pass(2);
    expect(peer.heard.slice(-2)).toEqual(['200 BYE', '200 BYE']);
    expect(events.at(-1)).toEqual({ name: 'ended', reason: 'Q.850;cause=16' });
    expect(session.over).toBe(true);
  });

  it('without a tag, or of an unknown dialog, gets 481', async () => {
    await established();
    await peer.send('BYE', { sequence: 5 });
    await peer.send('BYE', { sequence: 6, to: `<sip:${us}>;tag=unknown` });
    await peer.within(peer.response(200, 'INVITE'), 'BYE', 7, { from: '<sip:x@y>;tag=stranger' });
    await pass(2);
    expect(peer.heard.slice(-3)).toEqual(['481 BYE', '481 BYE', '481 BYE']);
  });

  it('on an early dialog ends the INVITE too', async () => {
    const { session, events } = await ringing();
    session.ring();
    await pass(2);
    await peer.within(peer.response(180, 'INVITE'), 'BYE', 2);
    await pass(2);
    expect(peer.heard.slice(-2)).toEqual(['200 BYE', '487 INVITE']);
    expect(events).toMatchObject([{ name: 'cancelled' }]);
  });

  it('of ours waits for the ACK', async () => {
    const { session } = await ringing();
    session.answer(answerSdp);
    const done = session.bye('SIP;cause=480');
    await pass(100);
    expect(peer.heard).not.toContain('BYE');
    await acknowledge();
    await pass(2);
    expect(peer.request('BYE').headers.get('Reason')).toBe('SIP;cause=480');
    await peer.reply(peer.request('BYE'), 200);
    await pass(2);
    expect(await done).toBe(200);
  });

  it('of ours that crosses the peer’s ends well for both', async () => {
    const { session, events } = await established();
    const done = session.bye();
    await peer.within(peer.response(200, 'INVITE'), 'BYE', 2);
    await pass(2);
    expect(peer.heard.slice(-2).sort()).toEqual(['200 BYE', 'BYE']);
    expect(await done).toBe(200);
    expect(events.map(({ name }) => name)).toEqual(['confirmed']);
  });

  it('of ours that nobody answers ends with 408', async () => {
    const { session } = await established();
    const done = session.bye();
    await pass(32_100);
    expect(await done).toBe(408);
  });
});

describe('A request within the dialog', () => {
  it('with a lower CSeq gets 500', async () => {
    await established();
    const ok = peer.response(200, 'INVITE');
    await peer.within(ok, 'OPTIONS', 9);
    await peer.within(ok, 'OPTIONS', 8);
    await pass(2);
    expect(peer.heard.slice(-2)).toEqual(['200 OPTIONS', '500 OPTIONS']);
  });

  it('tells digits', async () => {
    const { events } = await established();
    const ok = peer.response(200, 'INVITE');
    const relay = { type: 'application/dtmf-relay', body: 'Signal= 5\r\nDuration= 160\r\n' };
    await peer.within(ok, 'INFO', 2, { content: relay });
    await peer.within(ok, 'INFO', 3, { content: { type: 'application/dtmf', body: '#' } });
    await peer.within(ok, 'INFO', 4, { content: { type: 'text/plain', body: 'hello' } });
    await peer.within(ok, 'INFO', 5);
    await pass(2);
    expect(peer.heard.slice(-4)).toEqual(['200 INFO', '200 INFO', '415 INFO', '200 INFO']);
    expect(events.slice(1)).toEqual([
      { name: 'digit', digit: '5', duration: 160 },
      { name: 'digit', digit: '#', duration: 250 },
    ]);
  });

  it('REFER is told, accepted and reported once', async () => {
    const { session } = await established();
    const targets: (string | undefined)[] = [];
    session.on('refer', ({ referTo, referredBy, accept }) => {
      targets.push(referTo, referredBy);
      accept();
    });
    await peer.within(peer.response(200, 'INVITE'), 'REFER', 2, {
      headers: [
        ['Refer-To', '<sip:+15550111@example.com>'],
        ['Referred-By', '<sip:ann@example.com>'],
      ],
    });
    await pass(2);
    expect(targets).toEqual(['sip:+15550111@example.com', 'sip:ann@example.com']);
    expect(peer.heard.slice(-2)).toEqual(['202 REFER', 'NOTIFY']);
  });

  it.each([
    ['SUBSCRIBE', '405 SUBSCRIBE'],
    ['MESSAGE', '405 MESSAGE'],
    ['FROBNICATE', '501 FROBNICATE'],
    ['OPTIONS', '200 OPTIONS'],
    ['INFO', '481 INFO'],
  ])('%s outside any gets its answer', async (method, response) => {
    await peer.send(method);
    await pass(2);
    expect(peer.heard).toEqual([response]);
    expect(peer.received[0]!.headers.has('Allow')).toBe(response !== '481 INFO');
  });
});

describe('Ringing that must be acknowledged', () => {
  const reliable: readonly Header[] = [['Supported', '100rel']];

  const prack = (number: number, rseq: string, sdp?: string, status = 183) =>
    peer.within(peer.response(status, 'INVITE'), 'PRACK', number, {
      headers: [['RAck', `${rseq} 1 INVITE`]],
      content: sdp === undefined ? undefined : sdpContent(sdp),
    });

  it('is repeated until its PRACK, and the answer with SDP waits for it', async () => {
    const { session } = await ringing(reliable);
    session.ring(answerSdp);
    session.answer(answerSdp);
    await pass(1_600);
    expect(peer.heard).toEqual(['100 INVITE', '183 INVITE', '183 INVITE', '183 INVITE']);
    await prack(2, peer.response(183, 'INVITE').headers.get('RSeq')!);
    await pass(2);
    expect(peer.heard.slice(-2)).toEqual(['200 PRACK', '200 INVITE']);
    // The session was agreed on in the 183.
    expect(peer.response(200, 'INVITE').body).toHaveLength(0);
    await acknowledge();
  });

  it('fails with 504 when the PRACK never comes', async () => {
    const { session, events } = await ringing(reliable);
    session.ring(answerSdp);
    await pass(32_100);
    expect(peer.heard.at(-1)).toBe('504 INVITE');
    expect(events).toMatchObject([{ name: 'failed', code: 'sip.no-prack' }]);
  });

  it('refuses a PRACK of something else', async () => {
    const { session } = await ringing(reliable);
    session.ring(answerSdp);
    await pass(2);
    await prack(2, '99');
    await pass(2);
    expect(peer.heard.at(-1)).toBe('481 PRACK');
  });

  it('goes one at a time', async () => {
    const { session } = await ringing(reliable);
    session.ring();
    session.ring(answerSdp);
    await pass(2);
    expect(peer.heard).toEqual(['100 INVITE', '180 INVITE']);
    const rang = peer.response(180, 'INVITE');
    await peer.within(rang, 'PRACK', 2, { headers: [['RAck', `${rang.headers.get('RSeq')} 1 INVITE`]] });
    await pass(2);
    expect(peer.heard.slice(2)).toEqual(['183 INVITE', '200 PRACK']);
  });

  it.each(['Require', 'Supported'])('has our offer when the INVITE has none and %s: 100rel', async (name) => {
    const { session, events } = await ringing([[name, '100rel']], '');
    const agreed: string[] = [];
    session.on('agreed', ({ sdp }) => agreed.push(sdp));
    session.ring(undefined, offerSdp);
    await pass(2);
    const rang = peer.response(180, 'INVITE');
    expect(rang.body.toString()).toBe(offerSdp);
    expect(rang.headers.get('Require')).toBe('100rel');
    await prack(2, rang.headers.get('RSeq')!, answerSdp, 180);
    await pass(2);
    expect(agreed).toEqual([answerSdp]);
    // What rings again has nothing new to offer.
    session.ring(undefined, offerSdp);
    await pass(2);
    expect(peer.response(180, 'INVITE').body.length).toBe(0);
    await prack(3, peer.response(180, 'INVITE').headers.get('RSeq')!, undefined, 180);
    await pass(2);
    session.answer(offerSdp);
    await pass(2);
    expect(peer.response(200, 'INVITE').body.length).toBe(0);
    await acknowledge();
    expect(events).toEqual([{ name: 'confirmed', sdp: answerSdp }]);
  });

  it('is none for a peer that made no offer and takes none: what it gets has no offer either', async () => {
    const { session } = await ringing([], '');
    session.ring(undefined, offerSdp);
    await pass(2);
    const rang = peer.response(180, 'INVITE');
    expect([rang.body.length, rang.headers.has('RSeq')]).toEqual([0, false]);
  });

  it('makes the offer when the INVITE has none, and the PRACK answers', async () => {
    const { session, events } = await ringing([['Require', '100rel']], '');
    session.ring();
    await pass(2);
    expect(peer.heard).toEqual(['100 INVITE']);
    session.ring(offerSdp);
    await pass(2);
    await prack(2, peer.response(183, 'INVITE').headers.get('RSeq')!, answerSdp);
    session.answer(offerSdp);
    await pass(2);
    await acknowledge();
    expect(events).toEqual([{ name: 'confirmed', sdp: answerSdp }]);
  });
});
