import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { systemClock } from './clock.ts';
import { ExpectedPeers } from './expected-peers.ts';
import type { TransportLayer } from './transport-layer.ts';

let heard: string[];
let peers: ExpectedPeers;

beforeEach(() => {
  jest.useFakeTimers();
  heard = [];
  const transport = {
    expect: (address: string) => {
      if (address === 'listed') return undefined;
      heard.push(address);
      return () => void heard.splice(heard.indexOf(address), 1);
    },
  } as unknown as TransportLayer;
  peers = new ExpectedPeers(transport, systemClock, 32_000);
});

afterEach(() => {
  peers.close();
  expect([heard, jest.getTimerCount()]).toEqual([[], 0]);
  jest.useRealTimers();
});

it('a peer is heard from our first request until its last answers have had their time', () => {
  peers.expect('tag', 'a', true);
  peers.expect('tag', 'a', true);
  jest.advanceTimersByTime(3_600_000);
  expect(heard).toEqual(['a']);
  peers.end('tag');
  jest.advanceTimersByTime(31_999);
  expect(heard).toEqual(['a']);
  jest.advanceTimersByTime(1);
  expect(heard).toEqual([]);
});

it('a peer without a session is heard for the time of an answer', () => {
  peers.expect('tag', 'a', false);
  jest.advanceTimersByTime(32_000);
  expect(heard).toEqual([]);
});

it('each dialog has its own', () => {
  peers.expect('one', 'a', true);
  peers.expect('two', 'a', true);
  peers.end('one');
  jest.advanceTimersByTime(32_000);
  expect(heard).toEqual(['a']);
});

it('a dialog that moves about has its latest peers heard', () => {
  for (const address of ['a', 'b', 'c', 'd', 'e']) peers.expect('tag', address, true);
  expect(heard).toEqual(['b', 'c', 'd', 'e']);
});

it('listed peers need no expecting', () => {
  peers.expect('tag', 'listed', true);
  peers.end('tag');
  expect(jest.getTimerCount()).toBe(0);
});
