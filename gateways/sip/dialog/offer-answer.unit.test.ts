import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { glareDelay, mayOffer, untimely } from './offer-answer.ts';

const idle = { inviteOurs: false, inviteTheirs: false, offerOurs: false, offerTheirs: false };

describe('An offer of the peer', () => {
  it.each([
    ['re-INVITE in an idle session', idle, 'INVITE', true, undefined],
    ['re-INVITE that crosses ours', { ...idle, inviteOurs: true, offerOurs: true }, 'INVITE', true, 491],
    ['re-INVITE that crosses our UPDATE', { ...idle, offerOurs: true }, 'INVITE', true, 491],
    ['re-INVITE before our answer to the last', { ...idle, inviteTheirs: true }, 'INVITE', true, 500],
    ['re-INVITE before our answer to its UPDATE', { ...idle, offerTheirs: true }, 'INVITE', true, 500],
    ['UPDATE that crosses our offer', { ...idle, offerOurs: true }, 'UPDATE', true, 491],
    ['UPDATE before our answer to the last', { ...idle, offerTheirs: true }, 'UPDATE', true, 500],
    ['UPDATE while ringing, offers done', { ...idle, inviteTheirs: true }, 'UPDATE', true, undefined],
    [
      'UPDATE without offer at any time',
      { ...idle, offerOurs: true, offerTheirs: true },
      'UPDATE',
      false,
      undefined,
    ],
  ] as const)('%s', (_, state, method, hasOffer, expected) => {
    expect(untimely(state, method, hasOffer)).toBe(expected);
  });
});

describe('An offer of ours', () => {
  it('waits for what is under way', () => {
    expect(mayOffer(idle, 'INVITE')).toBe(true);
    expect(mayOffer({ ...idle, offerTheirs: true }, 'UPDATE')).toBe(false);
    expect(mayOffer({ ...idle, inviteTheirs: true }, 'INVITE')).toBe(false);
    expect(mayOffer({ ...idle, inviteTheirs: true }, 'UPDATE')).toBe(true);
  });

  it('after a 491 never meets the other end’s', () => {
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(random, random, (mine, other) => {
        const [ours, theirs] = [glareDelay(true, mine), glareDelay(false, other)];
        expect(ours).toBeGreaterThanOrEqual(2_100);
        expect(ours).toBeLessThanOrEqual(4_000);
        expect(theirs).toBeGreaterThanOrEqual(0);
        expect(theirs).toBeLessThanOrEqual(2_000);
      }),
    );
  });
});
