import { describe, expect, it } from '@jest/globals';
import { END_REASONS } from '@tandem/actors/machines/transition';
import { CALL_STATUSES, type CallFacts, callStatus } from './call-status.ts';

const facts = (known: Partial<CallFacts> = {}): CallFacts => ({
  direction: 'outbound-dial',
  ringingAt: null,
  answeredAt: null,
  endedAt: null,
  endReason: null,
  ...known,
});

describe('the status of a call', () => {
  it.each<[string, Partial<CallFacts>]>([
    ['queued', {}],
    ['ringing', { ringingAt: 1 }],
    ['ringing', { direction: 'inbound' }],
    ['in-progress', { answeredAt: 2 }],
    ['in-progress', { ringingAt: 1, answeredAt: 2 }],
    ['completed', { answeredAt: 2, endedAt: 3, endReason: 'completed' }],
    ['completed', { answeredAt: 2, endedAt: 3, endReason: 'media-stopped' }],
    ['busy', { ringingAt: 1, endedAt: 3, endReason: 'busy' }],
    ['busy', { endedAt: 3, endReason: 'declined' }],
    ['no-answer', { ringingAt: 1, endedAt: 3, endReason: 'no-answer' }],
    ['no-answer', { direction: 'inbound', endedAt: 3, endReason: 'rejected' }],
    ['canceled', { direction: 'inbound', endedAt: 3, endReason: 'cancelled' }],
    ['canceled', { ringingAt: 1, endedAt: 3, endReason: 'completed' }],
    ['completed', { direction: 'inbound', endedAt: 3, endReason: 'completed' }],
    ['failed', { endedAt: 3, endReason: 'no-route' }],
    ['failed', { direction: 'inbound', endedAt: 3, endReason: 'not-found' }],
  ])('is %s for %j', (status, known) => {
    expect(callStatus(facts(known))).toBe(status);
  });

  it('at the end is a final one for every reason', () => {
    const live = new Set(['queued', 'ringing', 'in-progress']);
    for (const endReason of END_REASONS)
      for (const direction of ['inbound', 'outbound-dial'] as const)
        for (const answeredAt of [null, 2]) {
          const status = callStatus(facts({ direction, answeredAt, endedAt: 3, endReason }));
          expect(CALL_STATUSES).toContain(status);
          expect(live).not.toContain(status);
        }
  });
});
