import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Asker, FairQueue } from './fair-queue.ts';

const of = (account: string, leg = '1'): Asker => ({ account, leg });
const LIMITS = { inAll: 1000, perAccount: 100 };

/** Does all that waits, one after the other, each piece taking so long as it says. */
const drained = (queue: FairQueue<{ name: string; cost: number }>): string[] => {
  const done: string[] = [];
  for (let turn = queue.take(); turn !== undefined; turn = queue.take()) {
    done.push(turn.work.name);
    queue.settle(turn, turn.work.cost);
  }
  return done;
};

describe('the fair queue', () => {
  it('puts a newcomer before all who have had more', () => {
    const queue = new FairQueue<{ name: string; cost: number }>(LIMITS);
    for (let i = 0; i < 10; i++) for (const who of ['a', 'b']) queue.add(of(who), { name: who, cost: 200 });
    for (let i = 0; i < 4; i++) {
      const turn = queue.take()!;
      queue.settle(turn, 200);
    }
    queue.add(of('new'), { name: 'new', cost: 30 });
    queue.add(of('new'), { name: 'new', cost: 30 });
    expect(drained(queue).slice(0, 3)).toContain('new');
    expect(queue.accounts).toBeLessThanOrEqual(3);
  });

  it('gives accounts the same, however many legs each has and in whatever portions', () => {
    const queue = new FairQueue<{ name: string; cost: number }>(LIMITS);
    for (let leg = 0; leg < 10; leg++)
      for (let i = 0; i < 10; i++) queue.add(of('many', `${leg}`), { name: 'many', cost: 50 });
    for (let i = 0; i < 20; i++) queue.add(of('one'), { name: 'one', cost: 100 });
    const first = drained(queue).slice(0, 30);
    const had = (name: string, cost: number) => cost * first.filter((one) => one === name).length;
    expect(Math.abs(had('many', 50) - had('one', 100))).toBeLessThanOrEqual(100);
  });

  it('gives the legs of an account the same', () => {
    const queue = new FairQueue<{ name: string; cost: number }>(LIMITS);
    for (let i = 0; i < 20; i++) queue.add(of('a', 'novel'), { name: 'novel', cost: 100 });
    for (let i = 0; i < 3; i++) queue.add(of('a', 'greeting'), { name: 'greeting', cost: 30 });
    expect(drained(queue).indexOf('greeting')).toBeLessThanOrEqual(1);
  });

  it('saves nothing up for whoever was idle, and forgets nothing of whoever asks piece by piece', () => {
    const queue = new FairQueue<{ name: string; cost: number }>(LIMITS);
    const order: string[] = [];
    for (let i = 0; i < 8; i++) queue.add(of('steady'), { name: 'steady', cost: 100 });
    queue.add(of('renewing'), { name: 'renewing', cost: 100 });
    for (let turn = queue.take(); turn && order.length < 8; turn = queue.take()) {
      order.push(turn.work.name);
      queue.settle(turn, turn.work.cost);
      if (turn.work.name === 'renewing') queue.add(of('renewing'), { name: 'renewing', cost: 100 });
    }
    expect(order.filter((name) => name === 'renewing')).toHaveLength(4);
  });

  it('starves nobody by ever new ones, and keeps nothing of them', () => {
    const queue = new FairQueue<{ name: string; cost: number }>(LIMITS);
    queue.add(of('old'), { name: 'old', cost: 500 });
    queue.settle(queue.take()!, 500);
    queue.add(of('old'), { name: 'old', cost: 500 });
    let newcomers = 0;
    for (let served = ''; served !== 'old' && newcomers < 1000; newcomers++) {
      queue.add(of(`new ${newcomers}`), { name: 'new', cost: 50 });
      const turn = queue.take()!;
      served = turn.work.name;
      queue.settle(turn, turn.work.cost);
    }
    expect(newcomers).toBeLessThan(300);
    expect(drained(queue)).toHaveLength(1);
    expect(queue.accounts).toBe(0);
  });

  it('takes back what waits, and keeps nothing of those who are gone', () => {
    const queue = new FairQueue<string>(LIMITS);
    queue.add(of('a'), 'first');
    queue.add(of('a'), 'second');
    expect(queue.remove(of('a'), 'first')).toBe(true);
    expect(queue.remove(of('a'), 'first')).toBe(false);
    expect(queue.remove(of('b'), 'first')).toBe(false);
    const turn = queue.take()!;
    expect(turn.work).toBe('second');
    expect(queue.remove(of('a'), 'second')).toBe(false);
    queue.settle(turn, 1);
    expect(queue.waiting).toBe(0);
  });

  it('passes over what does not fit', () => {
    const queue = new FairQueue<number>(LIMITS);
    queue.add(of('a'), 1);
    queue.add(of('b'), 2);
    expect(queue.take((work) => work === 2)?.work).toBe(2);
    expect(queue.take((work) => work === 2)).toBeUndefined();
  });

  it('refuses an account that has too much waiting, and all when there is too much in all', () => {
    const queue = new FairQueue<number>({ inAll: 3, perAccount: 2 });
    queue.add(of('a'), 1);
    queue.add(of('a', '2'), 2);
    expect(() => queue.add(of('a'), 3)).toThrow(/2 pieces of audio/);
    queue.add(of('b'), 4);
    expect(() => queue.add(of('c'), 5)).toThrow(/3 pieces of audio/);
  });

  it('never leaves anybody out: each piece is done once', () => {
    const asked = fc.record({
      account: fc.constantFrom('a', 'b', 'c'),
      leg: fc.constantFrom('1', '2'),
      cost: fc.nat(300),
    });
    fc.assert(
      fc.property(fc.array(asked, { maxLength: 60 }), (all) => {
        const queue = new FairQueue<{ name: string; cost: number }>(LIMITS);
        for (const [index, { account, leg, cost }] of all.entries())
          queue.add(of(account, leg), { name: `${index}`, cost });
        expect(drained(queue).sort()).toEqual(all.map((_, index) => `${index}`).sort());
      }),
    );
  });
});
