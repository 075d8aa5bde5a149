import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PortPool, splitRange } from './port-pool.ts';

const all = (range: { first: number; last: number }): number[] => {
  const pool = new PortPool(range);
  return Array.from({ length: pool.size }, () => pool.take()!);
};

describe('a pool of ports', () => {
  it('hands out even ports whose neighbour is in the range too', () => {
    expect(all({ first: 4001, last: 4006 })).toEqual([4002, 4004]);
    expect(all({ first: 4000, last: 4005 })).toEqual([4000, 4002, 4004]);
    expect(new PortPool({ first: 4001, last: 4002 }).take()).toBeUndefined();
  });

  it('hands out last what was given back last', () => {
    const pool = new PortPool({ first: 4000, last: 4005 });
    pool.giveBack(pool.take()!);
    expect([pool.take(), pool.take(), pool.take(), pool.take()]).toEqual([4002, 4004, 4000, undefined]);
  });

  it('hands out a pair that is asked for once, until it is given back', () => {
    const pool = new PortPool({ first: 4000, last: 4005 });
    expect([pool.takeThis(4002), pool.takeThis(4002), pool.takeThis(4001)]).toEqual([
      4002,
      undefined,
      undefined,
    ]);
    expect([pool.take(), pool.take(), pool.take()]).toEqual([4000, 4004, undefined]);
    pool.giveBack(4002);
    expect(pool.takeThis(4002)).toBe(4002);
  });

  it('is split into parts that have every pair once', () => {
    fc.assert(
      fc.property(fc.nat(300), fc.nat(300), fc.integer({ min: 1, max: 9 }), (first, length, parts) => {
        const range = { first, last: first + length };
        expect(splitRange(range, parts).flatMap(all)).toEqual(all(range));
      }),
    );
  });
});
