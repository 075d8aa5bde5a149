import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { answerChallenge, chooseChallenges } from './auth/digest.ts';
import type { IncomingInvite } from './dialog/session.ts';
import { type Header, sdpContent } from './message/build-message.ts';
import { MemoryNetwork } from './testing/memory-network.ts';
import { answerSdp, offerSdp, RawPeer } from './testing/raw-peer.ts';
import { records } from './testing/records.ts';
import { createUserAgent, type UserAgentOptions } from './user-agent.ts';

const us = '192.0.2.1';
let network: MemoryNetwork;

beforeEach(() => {
  jest.useFakeTimers();
  network = new MemoryNetwork();
});

afterEach(() => {
  jest.useRealTimers();
});

const pass = (ms = 3): Promise<void> => jest.advanceTimersByTimeAsync(ms);

const setUp = (options: Partial<UserAgentOptions> = {}) => {
  const agent = createUserAgent({ transport: network.open(us), domain: 'tandem.example', ...options });
  const invites: IncomingInvite[] = [];
  agent.onInvite((invite) => invites.push(invite));
  return { agent, invites, peer: new RawPeer(network, '192.0.2.2', us) };
};

describe('A user agent', () => {
  it('names its addresses and itself', async () => {
    const { agent, peer } = setUp();
    expect(agent.addresses).toEqual(['sip:192.0.2.1:5060;transport=udp']);
    agent.invite({
      id: 'x',
      uri: 'sip:1@192.0.2.2',
      from: '+15550199',
      facts: { callerName: 'A\r\nB "C"' },
      sdp: offerSdp,
    });
    await pass();
    const { headers } = peer.request('INVITE');
    expect(headers.get('From')).toMatch(/^"A B \\"C\\"" <sip:\+15550199@tandem\.example>;tag=[0-9a-f]{20}$/);
    expect(headers.get('Contact')).toBe('<sip:192.0.2.1:5060;transport=udp>');
    expect(headers.get('User-Agent')).toBe('Tandem');
    await agent.close();
  });

  it('calls by a proxy when told to', async () => {
    const { agent, peer } = setUp();
    const proxy = { transport: 'udp', address: '192.0.2.2', port: 5060 } as const;
    agent.invite({ id: 'x', uri: 'sip:1@far.example', from: '2', sdp: offerSdp, proxy });
    await pass();
    expect(peer.request('INVITE').uri).toBe('sip:1@far.example');
    await agent.close();
  });

  it('looks host names up', async () => {
    const { agent, peer } = setUp({
      resolver: records({ addresses: { 'b.example': ['192.0.2.2'] } }),
    });
    agent.invite({ id: 'x', uri: 'sip:1@b.example', from: '2', sdp: offerSdp });
    // Once for the look-up, once for the network.
    await pass();
    await pass();
    expect(peer.request('INVITE').uri).toBe('sip:1@b.example');
    await agent.close();
  });

  it('fails a call to a name that nobody knows', async () => {
    const { agent } = setUp({ resolver: records({}) });
    const failures: unknown[] = [];
    const session = agent.invite({ id: 'x', uri: 'sip:1@b.example', from: '2', sdp: offerSdp });
    session.on('failed', (failure) => failures.push(failure));
    await pass();
    await pass();
    expect(failures).toMatchObject([
      { code: 'sip.transport-failed', message: expect.stringMatching(/b\.example .* udp: ENOTFOUND/) },
    ]);
    await agent.close();
  });

  it('refuses to call what is no SIP URI', async () => {
    const { agent } = setUp();
    const call = (uri: string) => () => agent.invite({ id: 'x', uri, from: '2', sdp: offerSdp });
    expect(call('tel:+15550100')).toThrow(expect.objectContaining({ code: 'sip.malformed' }));
    expect(call('sip:1@192.0.2.2;transport=tcp')).toThrow(
      expect.objectContaining({ code: 'sip.no-transport' }),
    );
    await agent.close();
    expect(call('sip:1@192.0.2.2')).toThrow(expect.objectContaining({ code: 'sip.agent-closed' }));
  });

  it('never sends an INVITE that was cancelled before it went out', async () => {
    const { agent, peer } = setUp();
    const refusals: number[] = [];
    const session = agent.invite({ id: 'x', uri: 'sip:1@192.0.2.2', from: '2', sdp: offerSdp });
    session.on('refused', ({ status }) => refusals.push(status));
    session.cancel();
    await pass();
    expect(peer.heard).toEqual([]);
    expect(refusals).toEqual([487]);
    await agent.close();
  });

  it('asks whether somebody is there, and says what came of it', async () => {
    const { agent, peer } = setUp();
    const answer = agent.ask('sip:192.0.2.2:5060');
    await pass();
    const asked = peer.request('OPTIONS');
    expect(asked.headers.get('From')).toMatch(/^<sip:tandem\.example>;tag=/);
    await peer.reply(asked, 100);
    await peer.reply(asked, 405);
    await pass();
    expect(await answer).toBe(405);
    const silence = agent.ask('sip:192.0.2.2:5060');
    await pass(40_000);
    expect(await silence).toBe(408);
    await expect(agent.ask('tel:+1')).rejects.toMatchObject({ code: 'sip.malformed' });
    await agent.close();
    await expect(agent.ask('sip:192.0.2.2:5060')).rejects.toMatchObject({ code: 'sip.agent-closed' });
  });

  it('says at once that there is no way to somebody', async () => {
    const { agent } = setUp({ resolver: records({}) });
    const answer = agent.ask('sip:b.example:5060');
    await pass();
    expect(await answer).toBe(503);
    await agent.close();
  });

  it('refuses malformed requests with 400 and drops malformed ACKs', async () => {
    const { agent, peer } = setUp();
    await peer.send('OPTIONS', { headers: [['Max-Forwards', 'many']] });
    await peer.send('ACK', { headers: [['Max-Forwards', 'many']] });
    await pass();
    expect(peer.heard).toEqual(['400 OPTIONS']);
    await agent.close();
  });

  it('survives a handler that throws, with 500', async () => {
    const errors: string[] = [];
    const { agent, peer } = setUp({ log: (message) => errors.push(message) });
    agent.onInvite(() => {
      throw new Error('bug');
    });
    await peer.send('INVITE', { content: sdpContent(offerSdp) });
    await pass();
    expect(peer.heard).toEqual(['100 INVITE', '500 INVITE']);
    expect(errors).toEqual(['The handler of new calls failed.']);
    await agent.close();
  });

  it('survives a listener that throws, and tells the others', async () => {
    const errors: string[] = [];
    const { agent, peer } = setUp({ log: (message) => errors.push(message) });
    const told: string[] = [];
    const session = agent.invite({ id: 'x', uri: 'sip:1@192.0.2.2', from: '2', sdp: offerSdp });
    session.on('answered', () => {
      throw new Error('bug');
    });
    session.on('answered', () => told.push('answered'));
    await pass();
    await peer.reply(peer.request('INVITE'), 200, { content: sdpContent(answerSdp) });
    await pass();
    expect(told).toEqual(['answered']);
    expect(errors).toEqual(['A listener of a SIP session failed.']);
    await agent.close();
  });

  it('believes the identity that a trusted trunk asserts', async () => {
    const identity: Header = ['P-Asserted-Identity', '"Bob" <tel:+1-555-0177>'];
    const { agent, peer, invites } = setUp({ trusts: (trunk) => trunk === 'peer' });
    await peer.send('INVITE', { headers: [identity], content: sdpContent(offerSdp) });
    await pass();
    expect(invites[0]).toMatchObject({ from: '+15550177', facts: { callerName: 'Bob' } });
    await agent.close();
  });
});

describe('A user agent that wants credentials', () => {
  const credentials = { username: 'trunk', password: 'secret' };

  it('takes the INVITE that has them, and no other', async () => {
    const { agent, peer, invites } = setUp({ credentialsOf: () => [credentials] });
    const content = sdpContent(offerSdp);
    await peer.send('INVITE', { content });
    await pass();
    const challenges = peer.response(401, 'INVITE').headers.all('WWW-Authenticate');
    const challenge = chooseChallenges(challenges, 'Authorization')[0]!;
    expect(challenge).toMatchObject({ algorithm: 'SHA-256', realm: 'tandem.example' });
    const authorization = (password: string, count: number): Header[] => [
      [
        'Authorization',
        answerChallenge(
          challenge,
          { ...credentials, password },
          { method: 'INVITE', uri: `sip:+15550100@${us}`, body: Buffer.from(offerSdp) },
          count,
          'x',
        ),
      ],
    ];
    await peer.send('INVITE', { sequence: 2, content, headers: authorization('guess', 1) });
    await peer.send('INVITE', { sequence: 3, content, headers: authorization('secret', 1) });
    await pass();
    expect(peer.heard).toEqual(['401 INVITE', '401 INVITE', '100 INVITE']);
    expect(invites).toHaveLength(1);
    // The same answer again is a replay.
    await peer.send('INVITE', { sequence: 4, content, headers: authorization('secret', 1) });
    await pass();
    expect(peer.heard.at(-1)).toBe('401 INVITE');
    expect(peer.response(401, 'INVITE').headers.get('WWW-Authenticate')).toContain('stale=true');
    await agent.close();
  });
});

describe('A user agent whose password is guessed', () => {
  const known = { username: 'trunk', password: 'secret' };

  it('counts what is wrong, and then looks at nothing from there for a while', async () => {
    const { agent, peer, invites } = setUp({ credentialsOf: () => [known] });
    const content = sdpContent(offerSdp);
    let sequence = 1;
    const answerWith = async (password: string): Promise<string> => {
      await peer.send('INVITE', { sequence: sequence++, content });
      await pass();
      const challenges = peer.response(401, 'INVITE').headers.all('WWW-Authenticate');
      const challenge = chooseChallenges(challenges, 'Authorization')[0]!;
      const request = { method: 'INVITE', uri: `sip:+15550100@${us}`, body: Buffer.from(offerSdp) };
      const value = answerChallenge(challenge, { ...known, password }, request, 1, 'x');
      await peer.send('INVITE', { sequence: sequence++, content, headers: [['Authorization', value]] });
      await pass();
      return peer.heard.at(-1)!;
    };
    for (let guess = 0; guess < 10; guess += 1) expect(await answerWith('guess')).toBe('401 INVITE');
    expect(await answerWith('secret')).toBe('403 INVITE');
    expect(peer.response(403, 'INVITE').headers.get('Retry-After')).toBe('60');
    expect(agent.counters).toMatchObject({ wrongCredentials: 10, heldOffGuesses: 1 });
    expect(invites).toEqual([]);
    await agent.close();
  });

  it('does not take for guesses what has no nonce of its own: anybody can say that in the name of anybody', async () => {
    const { agent, peer } = setUp({ credentialsOf: () => [known] });
    const made = 'Digest username="trunk", realm="tandem.example", nonce="0.made", response="0", uri="x"';
    for (let sequence = 1; sequence <= 20; sequence += 1)
      await peer.send('INVITE', { sequence, headers: [['Authorization', made]] });
    await pass();
    expect(new Set(peer.heard)).toEqual(new Set(['401 INVITE']));
    expect(agent.counters).toMatchObject({ wrongCredentials: 0, heldOffGuesses: 0 });
    await agent.close();
  });
});

describe('Whatever a peer sends', () => {
  const methods = [
    'INVITE',
    'ACK',
    'BYE',
    'CANCEL',
    'PRACK',
    'UPDATE',
    'INFO',
    'REFER',
    'OPTIONS',
    'NOTIFY',
  ] as const;
  const header = fc.constantFrom<Header>(
    ['Session-Expires', '0'],
    ['Session-Expires', '90;refresher=uac'],
    ['Supported', 'timer, 100rel'],
    ['Require', '100rel'],
    ['RAck', '1 1 INVITE'],
    ['RAck', 'x'],
    ['Refer-To', '<tel:+1>'],
    ['Contact', '*'],
    ['Contact', '<tel:+15550100>'],
    ['Record-Route', '<sip:192.0.2.2;lr>, <mailto:x@y>'],
    ['Reason', ',,,'],
    ['Content-Type', 'application/dtmf'],
  );
  const message = fc.record({
    method: fc.constantFrom(...methods),
    known: fc.boolean(),
    sequence: fc.integer({ min: 0, max: 4 }),
    headers: fc.uniqueArray(header, { maxLength: 4, selector: ([name]) => name }),
    body: fc.option(fc.constantFrom(offerSdp, answerSdp, '1', ''), { nil: undefined }),
    act: fc.constantFrom('none', 'ring', 'answer', 'bye', 'offer', 'acceptOffer'),
  });

  it('throws nothing, and holds nothing once it is over', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(message, { maxLength: 15 }), async (messages) => {
        network = new MemoryNetwork();
        const errors: unknown[] = [];
        const { agent, peer, invites } = setUp({ log: (_, error) => errors.push(error) });
        await peer.send('INVITE', { content: sdpContent(offerSdp) });
        await pass();
        const { session } = invites[0]!;
        session.on('offer', () => {});
        session.ring(answerSdp);
        await pass();
        for (const { method, known, sequence, headers, body, act } of messages) {
          const content = body === undefined ? undefined : sdpContent(body);
          const rang = peer.response(183, 'INVITE');
          if (known) await peer.within(rang, method, sequence, { headers, content });
          else await peer.send(method, { sequence, headers, content, callId: `other-${sequence}` });
          await pass();
          if (act === 'bye') void session.bye();
          else if (act === 'offer') session.offer(offerSdp).catch(() => {});
          else if (act !== 'none') session[act](answerSdp);
        }
        await pass(5_000);
        for (const invite of invites) void invite.session.bye();
        await pass(200_000);
        expect(errors).toEqual([]);
        expect(invites.every((invite) => invite.session.over)).toBe(true);
        expect(jest.getTimerCount()).toBe(0);
        await agent.close();
      }),
      { numRuns: 200 },
    );
  }, 60_000);
});
