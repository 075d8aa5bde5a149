import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Header } from '../message/build-message.ts';
import { sdpContent } from '../message/build-message.ts';
import { MemoryNetwork } from '../testing/memory-network.ts';
import { offerSdp, RawPeer } from '../testing/raw-peer.ts';
import { createUserAgent } from '../user-agent.ts';
import { standardLimits, TransactionQuota } from './transaction-quota.ts';

describe('A quota of transactions', () => {
  const limits = { ...standardLimits, perSource: 2, inAll: 3, bytesPerSource: 1_000, bytesInAll: 1_500 };

  it('counts them and their bytes, of each source and in all', () => {
    const quota = new TransactionQuota(limits);
    expect([quota.take('a', 600), quota.take('a', 600), quota.take('a', 400)]).toEqual([true, false, true]);
    expect([quota.take('a', 0), quota.take('b', 600), quota.take('b', 500)]).toEqual([false, false, true]);
    quota.resize('a', -400);
    expect([quota.take('c', 500), quota.take('c', 400)]).toEqual([false, false]);
    quota.release('a', 200);
    expect(quota.take('c', 400)).toBe(true);
  });

  it('is whole again when all are over', () => {
    const quota = new TransactionQuota(limits);
    for (let i = 0; i < 5; i++) {
      expect([quota.take('a', 500), quota.take('a', 500)]).toEqual([true, true]);
      quota.resize('a', 250);
      quota.release('a', 750);
      quota.release('a', 500);
    }
    quota.release('a', 500);
    expect(quota.take('a', 1_000)).toBe(true);
  });
});

describe('What a user agent keeps of requests', () => {
  const us = '192.0.2.1';
  const long: Header = ['X-Long', 'x'.repeat(6_000)];
  let network: MemoryNetwork;
  let peer: RawPeer;

  beforeEach(() => {
    jest.useFakeTimers();
    network = new MemoryNetwork();
    peer = new RawPeer(network, '192.0.2.2', us);
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);
  const start = (bytesPerSource: number) => {
    const agent = createUserAgent({ transport: network.open(us), limits: { bytesPerSource } });
    agent.onInvite(() => {});
    return agent;
  };
  const headers: Header[] = [['Max-Forwards', '70'], long];

  it('is weighed, and those that are not answered yet hold all of their bytes', async () => {
    const agent = start(20_000);
    for (let i = 0; i < 4; i++)
      await peer.send('INVITE', { callId: `${i}`, headers, content: sdpContent(offerSdp) });
    await pass(2);
    expect(peer.heard).toEqual(['100 INVITE', '100 INVITE', '503 INVITE', '503 INVITE']);
    await agent.close();
  });

  it('is no more than the answer when they are answered, and nothing after 32 s', async () => {
    const agent = start(14_000);
    const ask = async (from: number, count: number): Promise<string[]> => {
      peer.received.length = 0;
      for (let i = from; i < from + count; i++) await peer.send('OPTIONS', { callId: `${i}`, headers });
      await pass(2);
      return peer.heard;
    };
    expect(await ask(0, 5)).toEqual(Array.from({ length: 5 }, () => '200 OPTIONS'));
    expect(await ask(5, 20)).toContain('503 OPTIONS');
    await pass(32_000);
    expect(await ask(25, 5)).toEqual(Array.from({ length: 5 }, () => '200 OPTIONS'));
    await agent.close();
  });

  it('is nothing when an answer would have to repeat too much', async () => {
    const agent = start(20_000);
    const vias = Array.from(
      { length: 60 },
      (_, i): Header => ['Via', `SIP/2.0/UDP h${i}.example;branch=z9hG4bK${'x'.repeat(150)}`],
    );
    for (let i = 0; i < 4; i++) await peer.send('OPTIONS', { callId: `${i}`, headers: vias });
    await pass(2);
    expect(network.log.slice(4)).toEqual(Array.from({ length: 4 }, () => `${us} 513 OPTIONS`));
    await agent.close();
  });
});
