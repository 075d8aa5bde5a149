import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { BackToBackAgent } from './back-to-back.ts';
import type { UserAgent } from './dialog/session.ts';
import { type Header, sdpContent } from './message/build-message.ts';
import { MemoryNetwork } from './testing/memory-network.ts';
import { answerSdp, offerSdp, RawPeer } from './testing/raw-peer.ts';
import { createUserAgent } from './user-agent.ts';

const us = '192.0.2.1';
const held = offerSdp.replace('1 1 IN', '1 2 IN').concat('a=sendonly\r\n');
const heldAnswer = answerSdp.replace('1 1 IN', '1 2 IN').concat('a=recvonly\r\n');
let agent: UserAgent;
let joined: BackToBackAgent;
let caller: RawPeer;
let callee: RawPeer;

beforeEach(() => {
  jest.useFakeTimers();
  const network = new MemoryNetwork();
  agent = createUserAgent({ transport: network.open(us), random: () => 0 });
  joined = new BackToBackAgent({
    agent,
    route: ({ to }) => (to.startsWith('+1') ? { uri: `sip:${to}@192.0.2.3` } : undefined),
  });
  caller = new RawPeer(network, '192.0.2.2', us);
  callee = new RawPeer(network, '192.0.2.3', us);
});

afterEach(async () => {
  await agent.close();
  // What is still in the network.
  await pass(2);
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

const pass = (ms = 4): Promise<void> => jest.advanceTimersByTimeAsync(ms);

const placed = async (headers: readonly Header[] = [['Max-Forwards', '30']]) => {
  await caller.send('INVITE', { headers, content: sdpContent(offerSdp) });
  await pass();
};

const established = async () => {
  await placed();
  await callee.reply(callee.request('INVITE'), 200, { content: sdpContent(answerSdp) });
  await pass();
  await caller.within(caller.response(200, 'INVITE'), 'ACK', 1);
  await pass();
};

describe('A back-to-back agent', () => {
  it('places the call with the caller’s offer and one hop less', async () => {
    await placed();
    const invite = callee.request('INVITE');
    expect(invite.uri).toBe('sip:+15550100@192.0.2.3');
    expect(invite.headers.get('From')).toMatch(/^"Ann" <sip:\+15550199@192\.0\.2\.1>;tag=/);
    expect(invite.headers.get('Max-Forwards')).toBe('29');
    expect(invite.body.toString()).toBe(offerSdp);
    expect(invite.headers.get('Call-ID')).not.toBe('raw-call');
  });

  it('passes ringing, early media and the answer on', async () => {
    await placed();
    const invite = callee.request('INVITE');
    await callee.reply(invite, 180);
    await callee.reply(invite, 183, { content: sdpContent(answerSdp) });
    await callee.reply(invite, 200, { content: sdpContent(answerSdp) });
    await pass();
    expect(caller.heard).toEqual(['100 INVITE', '180 INVITE', '183 INVITE', '200 INVITE']);
    expect(caller.response(200, 'INVITE').body.toString()).toBe(answerSdp);
    expect(joined.calls).toBe(1);
    await caller.within(caller.response(200, 'INVITE'), 'ACK', 1);
    await pass();
  });

  it('passes a refusal on', async () => {
    await placed();
    await callee.reply(callee.request('INVITE'), 486);
    await pass();
    expect(caller.heard).toEqual(['100 INVITE', '486 INVITE']);
    expect(joined.calls).toBe(0);
  });

  it('passes a CANCEL on, and ends an answer that crosses it', async () => {
    await placed();
    await callee.reply(callee.request('INVITE'), 180);
    await pass();
    const branch = /branch=([^;]+)/.exec(caller.response(180, 'INVITE').headers.get('Via')!)![1]!;
    await caller.send('CANCEL', { branch, headers: [['Reason', 'Q.850;cause=16']] });
    await callee.reply(callee.request('INVITE'), 200, { content: sdpContent(answerSdp) });
    await pass();
    expect(caller.heard.slice(-2).sort()).toEqual(['200 CANCEL', '487 INVITE']);
    expect(callee.heard).toEqual(expect.arrayContaining(['ACK', 'BYE']));
    expect(joined.calls).toBe(0);
  });

  it.each(['caller', 'callee'] as const)('passes the BYE of the %s on with its reason', async (who) => {
    await established();
    const headers: readonly Header[] = [['Reason', 'Q.850;cause=16']];
    if (who === 'caller') await caller.within(caller.response(200, 'INVITE'), 'BYE', 2, { headers });
    else await callee.back(callee.request('INVITE'), 'peer', 'BYE', 1, { headers });
    await pass();
    const other = who === 'caller' ? callee : caller;
    expect(other.request('BYE').headers.get('Reason')).toBe('Q.850;cause=16');
    expect(joined.calls).toBe(0);
  });

  it('takes a BYE of both at once', async () => {
    await established();
    await caller.within(caller.response(200, 'INVITE'), 'BYE', 2);
    await callee.back(callee.request('INVITE'), 'peer', 'BYE', 1);
    await pass();
    expect(caller.heard.at(-1)).toBe('200 BYE');
    expect(callee.heard.at(-1)).toBe('200 BYE');
    expect(joined.calls).toBe(0);
  });

  it('passes a re-INVITE on and its answer back', async () => {
    await established();
    await caller.within(caller.response(200, 'INVITE'), 'INVITE', 2, { content: sdpContent(held) });
    await pass();
    expect(callee.request('INVITE').body.toString()).toBe(held);
    await callee.reply(callee.request('INVITE'), 200, { content: sdpContent(heldAnswer) });
    await pass();
    expect(caller.response(200, 'INVITE').body.toString()).toBe(heldAnswer);
    await caller.within(caller.response(200, 'INVITE'), 'ACK', 2);
    await pass();
  });

  it('gets over re-INVITEs of both at once', async () => {
    await established();
    await caller.within(caller.response(200, 'INVITE'), 'INVITE', 2, { content: sdpContent(held) });
    await pass();
    const ours = callee.request('INVITE');
    await callee.back(callee.request('INVITE', 0), 'peer', 'INVITE', 1, { content: sdpContent(heldAnswer) });
    await callee.reply(ours, 491);
    await pass();
    expect(callee.heard).toContain('491 INVITE');
    await pass(2_100);
    await callee.reply(callee.request('INVITE'), 200, { content: sdpContent(heldAnswer) });
    await pass();
    expect(caller.response(200, 'INVITE').body.toString()).toBe(heldAnswer);
    await caller.within(caller.response(200, 'INVITE'), 'ACK', 2);
    await pass();
  });

  it('passes digits on', async () => {
    await established();
    const content = { type: 'application/dtmf-relay', body: 'Signal=7\r\nDuration=120\r\n' };
    await caller.within(caller.response(200, 'INVITE'), 'INFO', 2, { content });
    await pass();
    expect(callee.request('INFO').body.toString()).toBe('Signal=7\r\nDuration=120\r\n');
  });

  it('refuses what it has no route for', async () => {
    await caller.send('INVITE', { uri: `sip:44@${us}`, content: sdpContent(offerSdp) });
    await pass();
    expect(caller.heard).toEqual(['100 INVITE', '404 INVITE']);
  });

  it('refuses the call when the callee does not answer at all', async () => {
    await placed();
    await pass(32_100);
    expect(caller.heard.at(-1)).toBe('408 INVITE');
    expect(joined.calls).toBe(0);
  });
});
