import { describe, expect, it } from '@jest/globals';
import { TrunkAdmission, type TrunkLimits } from './trunk-admission.ts';

const setUp = (capacity: number, ...trunks: TrunkLimits[]) => {
  const clock = { now: 0 };
  const admission = new TrunkAdmission({ capacity, trunks, now: () => clock.now });
  let legs = 0;
  /** Takes calls of a trunk until one is refused, or so many are taken; how many were, and why no more. */
  const fill = (trunk: string, most: number, each: (legId: string) => void = () => {}) => {
    for (let count = 0; count < most; count++) {
      const refusal = admission.refusal(trunk);
      if (refusal !== undefined) return { count, ...refusal };
      const legId = `LE${legs++}`;
      admission.began(legId, trunk, 'offered');
      each(legId);
    }
    return { count: most };
  };
  const confirmed = (legId: string): void => {
    admission.answered(legId);
    admission.confirmed(legId);
  };
  return { clock, admission, fill, confirmed };
};

describe('Of a gateway’s legs a trunk', () => {
  it('has all when it is alone, nine tenths beside others, and what the operator gives it', () => {
    const taken = (...trunks: TrunkLimits[]): number => {
      const { fill, confirmed } = setUp(100, ...trunks);
      return fill('a', 200, confirmed).count;
    };
    expect(taken({ name: 'a' })).toBe(100);
    expect(taken({ name: 'a' }, { name: 'b' })).toBe(90);
    expect(taken({ name: 'a', capacity: 100 }, { name: 'b' })).toBe(100);
    expect(taken({ name: 'a', capacity: 20 }, { name: 'b' })).toBe(20);
    expect(taken({ name: 'a', capacity: 500 })).toBe(100);
    const { fill, confirmed } = setUp(2, { name: 'a' }, { name: 'b' });
    expect(fill('a', 5, confirmed).count).toBe(2);
  });

  it('has those again that are over, and leaves the others theirs', () => {
    const { admission, fill, confirmed } = setUp(100, { name: 'a', capacity: 20 }, { name: 'b' });
    expect(fill('a', 30, confirmed)).toMatchObject({ count: 20, retryAfter: 10 });
    expect(fill('b', 30, confirmed)).toEqual({ count: 30 });
    for (const leg of ['LE0', 'LE0', 'LE1', 'LEunknown']) admission.over(leg);
    expect(fill('a', 30, confirmed).count).toBe(2);
  });

  it('has a tenth for answers that nobody acknowledges, and half for calls that nobody answers', () => {
    const unheard = setUp(1_000, { name: 'a' }, { name: 'b' });
    const { answered } = unheard.admission;
    expect(unheard.fill('a', 2_000, answered.bind(unheard.admission)).count).toBe(90);
    expect(unheard.fill('b', 50).count).toBe(50);
    expect(setUp(1_000, { name: 'a' }).fill('a', 2_000).count).toBe(500);
    // Who has once been heard takes nothing of that share.
    const real = setUp(1_000, { name: 'a' });
    expect(real.fill('a', 2_000, real.confirmed).count).toBe(1_000);
  });

  it('takes ten such calls in any case that there is room', () => {
    expect(setUp(12, { name: 'a' }).fill('a', 20).count).toBe(10);
    expect(setUp(2, { name: 'a' }).fill('a', 20).count).toBe(2);
  });
});

describe('Calls a second', () => {
  it('are as many as the operator says, and as many at once', () => {
    const { clock, fill, confirmed } = setUp(1_000, { name: 'a', invitesPerSecond: 5 }, { name: 'b' });
    expect(fill('a', 20, confirmed)).toMatchObject({ count: 5, retryAfter: 1 });
    expect(fill('b', 20, confirmed).count).toBe(20);
    clock.now = 400;
    expect(fill('a', 20, confirmed).count).toBe(2);
    clock.now = 60_000;
    expect(fill('a', 20, confirmed).count).toBe(5);
  });
});

it('Calls of ours go over no trunk that has the legs that the operator gives it, on whichever trunk they were before', () => {
  const { admission } = setUp(100, { name: 'a', capacity: 1 }, { name: 'b' });
  admission.began('LE1', 'b', 'confirmed');
  expect([...admission.full]).toEqual([]);
  admission.began('LE1', 'a', 'confirmed');
  expect([...admission.full]).toEqual(['a']);
  admission.began('LE1', '', 'confirmed');
  expect([...admission.full]).toEqual([]);
});

describe('A trunk that calls seldom', () => {
  const quiet = (admission: TrunkAdmission, trunk: string, calls: number): number =>
    Array.from({ length: calls }, () => admission.isQuiet(trunk)).filter(Boolean).length;

  it('is told from one that floods us, which is none for as long as it goes on', () => {
    const { clock, admission } = setUp(100, { name: 'a' }, { name: 'b' });
    expect(quiet(admission, 'a', 500)).toBe(4);
    expect(quiet(admission, 'b', 1)).toBe(1);
    for (let second = 1; second <= 10; second++) {
      clock.now = second * 1_000;
      expect(quiet(admission, 'b', 3)).toBe(3);
      // What it leaves unsaid for a second makes it none.
      expect(quiet(admission, 'a', 50)).toBe(0);
    }
    clock.now += 2_000;
    expect(quiet(admission, 'a', 50)).toBe(4);
  });

  it('has its part of what there is for all, however many they are, and at least one call', () => {
    const trunks = Array.from({ length: 80 }, (_, index) => ({ name: `t${index}` }));
    const { clock, admission } = setUp(100, ...trunks);
    expect(quiet(admission, 't0', 5)).toBe(1);
    clock.now = 5_000;
    expect(quiet(admission, 't1', 5)).toBe(1);
    expect(quiet(admission, 't0', 1)).toBe(0);
  });

  it('is none when there is no other, or when it is unknown', () => {
    const { admission } = setUp(100, { name: 'a' });
    expect(quiet(admission, 'a', 5)).toBe(0);
    expect(admission.isQuiet(undefined)).toBe(false);
  });
});
