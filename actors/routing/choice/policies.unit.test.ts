import { describe, expect, it } from '@jest/globals';
import { plannedNetwork } from '../network/static-network.ts';
import type { Policy, Scope } from '../policy/policy.ts';
import type { GatewayRequest, PathLeg, PathRequest, Subject } from '../question/questions.ts';
import { chooseGateway } from './choose-gateway.ts';
import { choosePath } from './choose-path.ts';

const ACCOUNT = 'AC00000000000000000000000000000001';
const SUBACCOUNT = 'AC00000000000000000000000000000002';
/** Monday, 23 November 2026, 23:30 in Dublin. */
const NIGHT = Date.UTC(2026, 10, 23, 23, 30);
const NOON = Date.UTC(2026, 10, 23, 12);

/** Ireland and Germany are near each other, America is far from both; only the last two transcode. */
const network = plannedNetwork({
  regions: [
    { name: 'ie1', gateways: [{ name: 'gw1' }] },
    {
      name: 'de1',
      cost: 3,
      gateways: [{ name: 'gw1' }],
      services: [{ name: 'transcoding', gateway: 'gw1' }],
    },
    {
      name: 'us1',
      cost: 1,
      gateways: [{ name: 'gw1' }],
      services: [{ name: 'transcoding', gateway: 'gw1' }],
    },
  ],
  routes: [
    { from: 'ie1', to: 'de1', rtt: 30 },
    { from: 'ie1', to: 'us1', rtt: 90, jitter: 1 },
    { from: 'de1', to: 'us1', rtt: 110 },
  ],
});

const subject: Subject = {
  callSid: 'CA1',
  accountSid: SUBACCOUNT,
  parentAccountSid: ACCOUNT,
  from: '+35315550111',
  to: 'sip:alice@example.com',
  fromType: 'pstn',
  toType: 'sip',
  direction: 'inbound',
  time: NOON,
  mediaTypes: ['audio'],
};
const leg = (legId: string, region: string, codecs: string[]): PathLeg => ({
  legId,
  region,
  gateway: 'gw1',
  mediaTypes: ['audio'],
  codecs,
});
/** Two legs in Ireland that need a transcoder. */
const request: PathRequest = {
  ...subject,
  legs: [leg('LE1', 'ie1', ['opus']), leg('LE2', 'ie1', ['PCMU'])],
  needs: [],
};
const regionsWith = (policies: readonly Omit<Policy, 'name'>[], asked: Partial<PathRequest> = {}) =>
  choosePath(
    { ...request, ...asked },
    network,
    policies.map((policy, index) => ({ name: `p${index}`, ...policy })),
  ).chosen?.regions.join();

describe('a policy', () => {
  it.each<[string, Omit<Policy, 'name'>, string | undefined]>([
    ['says nothing', {}, 'de1,ie1'],
    ['prohibits a region', { prohibit: ['de1'] }, 'ie1,us1'],
    ['allows a subset', { only: ['ie1', 'us1'] }, 'ie1,us1'],
    ['prefers a region', { prefer: ['us1'] }, 'ie1,us1'],
    ['has a region count more than another', { weights: [{ region: 'de1', factor: 2 }] }, 'ie1,us1'],
    ['has a region count less', { weights: [{ region: 'us1', factor: 0.5 }] }, 'ie1,us1'],
    ['puts our cost first', { order: ['cost'] }, 'ie1,us1'],
    ['puts latency first', { order: ['latency'] }, 'de1,ie1'],
    ['puts quality first', { order: ['quality', 'cost'] }, 'de1,ie1'],
    ['leaves nothing', { only: ['ie1'] }, undefined],
    ['prohibits where a leg is', { prohibit: ['ie1'] }, undefined],
  ])('that %s', (_, policy, regions) => {
    expect(regionsWith([policy])).toBe(regions);
  });

  it.each<[string, Scope, boolean]>([
    ['the account, by its subaccount’s call', { accounts: [ACCOUNT] }, true],
    ['another account', { accounts: ['AC3'] }, false],
    ['the subaccount', { subaccounts: [SUBACCOUNT] }, true],
    ['the account as if it were a subaccount', { subaccounts: [ACCOUNT] }, false],
    ['the caller', { endpoints: ['+35315550111'] }, true],
    ['callers that begin so', { endpoints: ['+353*'] }, true],
    ['the called, in another case', { endpoints: ['sip:Alice@example.com'] }, true],
    ['somebody else', { endpoints: ['+49*'] }, false],
    ['calls from the caller', { from: { endpoints: ['+353*'] } }, true],
    ['calls to the caller', { to: { endpoints: ['+353*'] } }, false],
    ['calls from telephones', { from: { types: ['pstn'] } }, true],
    ['calls from browsers', { from: { types: ['browser'] } }, false],
    ['a region of a leg', { regions: ['ie1'] }, true],
    ['a region of no leg', { regions: ['us1'] }, false],
    ['calls from a region', { from: { regions: ['ie1'] } }, true],
    ['calls to another region', { to: { regions: ['us1'] } }, false],
    ['inbound calls', { directions: ['inbound'] }, true],
    ['outbound calls', { directions: ['outbound'] }, false],
    ['audio', { media: ['audio'] }, true],
    ['video', { media: ['video'] }, false],
    ['office hours', { hours: [{ zone: 'Europe/Dublin', from: '09:00', until: '17:00' }] }, true],
    ['the night', { hours: [{ zone: 'Europe/Dublin', from: '22:00', until: '06:00' }] }, false],
    ['all of two conditions', { accounts: [ACCOUNT], directions: ['inbound'] }, true],
    ['one of two conditions', { accounts: [ACCOUNT], directions: ['outbound'] }, false],
  ])('is for %s', (_, when, applies) => {
    expect(regionsWith([{ when, prohibit: ['de1'] }])).toBe(applies ? 'ie1,us1' : 'de1,ie1');
  });

  it('of the night holds at night', () => {
    const night = {
      when: { hours: [{ zone: 'Europe/Dublin', from: '22:00', until: '06:00' }] },
      only: ['ie1', 'us1'],
    };
    expect(regionsWith([night], { time: NIGHT })).toBe('ie1,us1');
    expect(regionsWith([night], { time: NOON })).toBe('de1,ie1');
  });
});

describe('several policies', () => {
  it('add their prohibitions up, and cut their subsets', () => {
    expect(regionsWith([{ prohibit: ['de1'] }, { prohibit: ['us1'] }])).toBeUndefined();
    expect(regionsWith([{ only: ['ie1', 'us1'] }, { only: ['ie1', 'de1'] }])).toBeUndefined();
  });

  it.each<[string, Scope, Scope]>([
    ['an endpoint before a subaccount', { endpoints: ['+353*'] }, { subaccounts: [SUBACCOUNT] }],
    ['a subaccount before an account', { subaccounts: [SUBACCOUNT] }, { accounts: [ACCOUNT] }],
    ['an account before the rest', { accounts: [ACCOUNT] }, { directions: ['inbound'], regions: ['ie1'] }],
    [
      'more conditions before fewer',
      { directions: ['inbound'], regions: ['ie1'] },
      { directions: ['inbound'] },
    ],
  ])('put %s', (_, specific, general) => {
    const near: Omit<Policy, 'name'> = { when: general, prefer: ['de1'] };
    const far: Omit<Policy, 'name'> = { when: specific, prefer: ['us1'] };
    expect(regionsWith([near, far])).toBe('ie1,us1');
    expect(regionsWith([far, near])).toBe('ie1,us1');
  });

  it('of the same scope: the first that is written', () => {
    expect(regionsWith([{ prefer: ['us1'] }, { prefer: ['de1'] }])).toBe('ie1,us1');
  });

  it('are named in the answer, the most specific first', () => {
    const policies = [
      { name: 'everybody', prohibit: ['us1'] },
      { name: 'others', when: { accounts: ['AC3'] }, prohibit: ['de1'] },
      { name: 'ours', when: { accounts: [ACCOUNT] }, order: ['latency' as const] },
    ];
    const answer = choosePath(request, network, policies);
    expect(answer.policies).toEqual(['ours', 'everybody']);
    expect(answer.order).toEqual(['latency', 'regions', 'quality', 'cost', 'customer-cost']);
  });
});

describe('a prohibition', () => {
  it('is never bent, and the answer says so', () => {
    const answer = choosePath(request, network, [{ name: 'home', only: ['ie1'] }]);
    expect(answer).toMatchObject({ chosen: null, score: null });
    expect(answer.reasons).toEqual(['No transcoding can be used: policy home allows ie1 only.']);
  });

  it('names the leg that may not be where it is', () => {
    const answer = choosePath(request, network, [{ name: 'no-ireland', prohibit: ['ie1'] }]);
    expect(answer.reasons).toContain('Leg LE1 is in ie1, and policy no-ireland prohibits ie1.');
  });

  it('of the region that the other leg is in leaves no gateway at all', () => {
    const calls: GatewayRequest = { ...subject, near: { region: 'ie1', gateway: 'gw1' } };
    const answer = chooseGateway(calls, network, [{ name: 'no-ireland', prohibit: ['ie1'] }]);
    expect(answer.chosen).toBeNull();
    expect(answer.reasons[0]).toContain(
      'us1/gw1: the other leg may not be where it is: policy no-ireland prohibits ie1',
    );
  });

  it('of where calls end is asked of every gateway for itself', () => {
    const calls: GatewayRequest = { ...subject, near: { region: 'us1', gateway: 'gw1' } };
    const policies: Policy[] = [{ name: 'not-home', when: { to: { regions: ['us1'] } }, prohibit: ['us1'] }];
    expect(chooseGateway(calls, network, []).chosen).toMatchObject({ region: 'us1' });
    const away = chooseGateway(calls, network, policies);
    expect(away.chosen?.region).not.toBe('us1');
    expect(away.alternatives).toContainEqual({
      choice: { region: 'us1', gateway: 'gw1', trunks: [] },
      refused: 'policy not-home prohibits us1',
    });
  });
});
