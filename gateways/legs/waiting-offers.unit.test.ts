import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { WaitingOffers } from './waiting-offers.ts';

let now: number;
let open: boolean;
let said: string[];
let waiting: WaitingOffers;

beforeEach(() => {
  jest.useFakeTimers();
  [now, open, said] = [0, false, []];
  waiting = new WaitingOffers({ patience: 4000, mayBegin: () => open, now: () => now });
});
afterEach(() => {
  waiting.empty();
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

function pass(milliseconds: number): string[] {
  for (const end = now + milliseconds; now < end; ) {
    now += 20;
    jest.advanceTimersByTime(20);
  }
  return said.splice(0);
}

function add(name: string, { expires }: { expires?: number } = {}) {
  const offer = {
    over: false,
    ...(expires !== undefined && { expires }),
    begin: (waited: number) => void said.push(`${name} begins after ${waited}`),
    giveUp: (why: string) => void said.push(`${name}: ${why}`),
  };
  waiting.add(offer);
  return offer;
}

describe('offers that wait for a router', () => {
  it('are let in when one is there, first come, first served, some at a time', () => {
    for (const name of 'abcdef') add(name);
    expect(pass(1000)).toEqual([]);
    open = true;
    expect(pass(20)).toEqual(['a', 'b', 'c', 'd'].map((name) => `${name} begins after 1.02`));
    expect(pass(20)).toEqual(['e', 'f'].map((name) => `${name} begins after 1.04`));
    expect(waiting.size).toBe(0);
  });

  it('are let in no further once there is too much to do', () => {
    let left = 3;
    waiting = new WaitingOffers({ patience: 4000, mayBegin: () => left-- > 0, now: () => now });
    for (const name of 'abcd') add(name);
    expect(pass(20)).toHaveLength(3);
    expect(waiting.size).toBe(1);
  });

  it('wait no longer than the patience', () => {
    add('a');
    pass(1000);
    add('b');
    expect(pass(2980)).toEqual([]);
    expect(pass(20)).toEqual(['a: patience']);
    expect(pass(1000)).toEqual(['b: patience']);
  });

  it('go when their callers give up, or want an answer no longer', () => {
    const offer = add('a');
    add('b', { expires: 1 });
    offer.over = true;
    expect(pass(20)).toEqual(['a: gone']);
    expect(pass(1000)).toEqual(['b: expired']);
  });

  it('are no more than can be let in within the patience', () => {
    while (waiting.hasRoom) add('one');
    expect(waiting.size).toBe(800);
    expect(new WaitingOffers({ patience: 0, mayBegin: () => true }).hasRoom).toBe(false);
  });

  it('are all refused when nobody is taken any more', () => {
    add('a');
    add('b').over = true;
    waiting.empty();
    expect(pass(5000)).toEqual(['a: closing', 'b: gone']);
  });
});
