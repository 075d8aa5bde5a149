import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { verifyEvent } from '../../events/event-schema.ts';
import { fixedPolicies } from '../policy/policies-view.ts';
import { networks, policies } from '../testing/worlds.ts';
import { createRoutingService } from './routing-service.ts';

const text = fc.constantFrom(
  'ie1',
  'gw1',
  'fr9',
  '+15550100',
  '+4930123',
  'sip:a@b',
  'client:a',
  '__proto__',
  '',
);
const place = fc.record({ region: text, gateway: text });
const subject = fc.record(
  {
    callSid: text,
    accountSid: text,
    from: text,
    to: text,
    direction: fc.constantFrom('inbound', 'outbound', 'up'),
  },
  { requiredKeys: ['callSid', 'from', 'to', 'direction'] },
);
const need = fc.record(
  {
    service: fc.constantFrom('recording', 'transcoding', 'nothing'),
    kind: fc.constantFrom('intermediary', 'side', 'endpoint'),
    legId: text,
    shared: fc.boolean(),
  },
  { requiredKeys: ['service', 'kind'] },
);
const codecs = fc.array(fc.constantFrom('PCMU', 'opus'), { maxLength: 2 });
const leg = fc.record({
  legId: text,
  region: text,
  gateway: fc.constantFrom('gw1', 'gw2'),
  codecs,
  mediaTypes: fc.constant(['audio']),
});
const more = fc.record(
  {
    near: place,
    candidates: fc.array(place, { maxLength: 3 }),
    codecs,
    region: text,
    legs: fc.array(leg, { maxLength: 3 }),
    needs: fc.array(need, { maxLength: 3 }),
  },
  { requiredKeys: [] },
);

describe('the routing service', () => {
  it('answers every question with a decision that can be stored, or says what is wrong with it', () => {
    fc.assert(
      fc.property(networks(3), policies, subject, more, (network, rules, who, what) => {
        const service = createRoutingService({
          view: { current: () => network },
          policies: fixedPolicies(rules),
          now: () => 0,
        });
        for (const ask of [service.router, service.gateway, service.path])
          for (const question of [
            { ...who, ...what },
            { ...who, region: 'ie1' },
            { ...who, legs: what.legs, needs: [] },
          ])
            try {
              const { decision } = ask(question);
              verifyEvent('CallLegPlaced', { legId: 'LE1', region: 'ie1', gateway: 'gw1', decision });
              if (!decision.chosen) expect(decision.reasons).not.toEqual([]);
            } catch (error) {
              expect(error).toMatchObject({ code: 'routing.bad-question' });
            }
      }),
      { numRuns: 500 },
    );
  });

  it.each([undefined, null, 1, 'text', [], {}])('refuses %p', (question) => {
    const service = createRoutingService({
      view: { current: () => ({ regions: [], routes: [] }) },
      policies: fixedPolicies([]),
    });
    expect(() => service.path(question)).toThrow(expect.objectContaining({ code: 'routing.bad-question' }));
  });
});
