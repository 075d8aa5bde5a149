import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { chooseRouter } from './choose-router.ts';

const routers = ['us1/r1', 'us1/r2', 'us1/r3'];

describe('choosing a router for a call', () => {
  it('is the same wherever the routers are named, in whatever order', () => {
    fc.assert(
      fc.property(fc.string(), (sid) => {
        expect(chooseRouter(sid, routers.toReversed())).toBe(chooseRouter(sid, routers));
      }),
    );
  });

  it('leaves calls where they are when another router goes away', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom(...routers), (sid, gone) => {
        const before = chooseRouter(sid, routers);
        const after = chooseRouter(
          sid,
          routers.filter((one) => one !== gone),
        );
        if (before !== gone) expect(after).toBe(before);
        else expect(after).not.toBe(gone);
      }),
    );
  });

  it('gives each its share', () => {
    const counts = new Map<string, number>();
    for (let call = 0; call < 3000; call++) {
      const router = chooseRouter(`CA${call}`, routers)!;
      counts.set(router, (counts.get(router) ?? 0) + 1);
    }
    for (const router of routers) expect(counts.get(router)).toBeGreaterThan(900);
  });

  it('has none to choose where there is none', () => {
    expect(chooseRouter('CA1', [])).toBeUndefined();
  });
});
