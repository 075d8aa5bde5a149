import { describe, expect, it } from '@jest/globals';
import type { ChoosePath } from '../../machines/execution/call-context.ts';
import type { Network, RegionState } from '../../routing/network/network.ts';
import { fixedPolicies } from '../../routing/policy/policies-view.ts';
import type { Policy } from '../../routing/policy/policy.ts';
import type { PlaceLeg } from './call-routing.ts';
import { policyRouting } from './policy-routing.ts';

const region = (name: string, prefix: string, services: readonly string[] = []): RegionState => ({
  name,
  main: false,
  healthy: true,
  cost: 0,
  routers: [],
  gateways: ['gw1', 'gw2'].map((gateway) => ({
    name: gateway,
    kinds: ['sip'],
    healthy: true,
    draining: false,
    legs: 0,
    capacity: 100,
    codecs: ['PCMU', 'PCMA'],
    trunks: [{ name: 'carrier', prefixes: [prefix], up: true, cost: 0, customerCost: 0 }],
  })),
  services: services.map((service) => ({
    name: service,
    gateway: 'gw1',
    healthy: true,
    load: 0,
    capacity: 10,
  })),
});
const world: Network = {
  regions: [region('uk1', '+44', ['transcoding']), region('de1', '+49'), region('fr1', '+33', ['speech'])],
  routes: [],
};
const routing = (policies: readonly Policy[] = [], network = world) =>
  policyRouting({
    network: { current: () => network },
    policies: fixedPolicies(policies),
    now: () => 1_700_000_000_000,
  });

const call = { callSid: 'CA1', accountSid: 'AC1', from: '+15550199', to: '+15550100' };
const uk = { region: 'uk1', gateway: 'gw2' };
const leg = (to: string, tried: PlaceLeg['tried'] = []): PlaceLeg => ({
  type: 'placeLeg',
  legId: 'LE2',
  call,
  from: call.from,
  to,
  near: uk,
  tried,
});
const way = (changes: Partial<ChoosePath> = {}): ChoosePath => ({
  type: 'choosePath',
  pathId: 'MP1',
  call,
  from: 'LE1',
  to: 'LE2',
  services: [],
  reason: 'bridge',
  attempt: 1,
  legs: [
    { legId: 'LE1', ...uk, codec: 'PCMU' },
    { legId: 'LE2', region: 'de1', gateway: 'gw1', codec: 'PCMU' },
  ],
  ...changes,
});

describe('a leg', () => {
  it('goes to a gateway that reaches it, the other leg’s own when that does', () => {
    expect(routing().placeLeg(leg('+442079460000'))).toMatchObject({ legId: 'LE2', ...uk });
    expect(routing().placeLeg(leg('+49301234567'))).toMatchObject({ region: 'de1' });
  });

  it('goes to none that refused it', () => {
    expect(routing().placeLeg(leg('+442079460000', [uk]))).toMatchObject({ region: 'uk1', gateway: 'gw1' });
  });

  it('goes nowhere when nobody reaches it', () => {
    expect(() => routing().placeLeg(leg('+81312345678'))).toThrow(/\+81312345678/);
  });
});

describe('media', () => {
  it('goes straight from one to the other, with the codec that they share', () => {
    expect(routing().choosePath(way())).toMatchObject({
      pathId: 'MP1',
      from: 'LE1',
      to: 'LE2',
      mode: 'multi-regional',
      reason: 'bridge',
      nodes: [
        { ...uk, codec: 'PCMU', services: [] },
        { region: 'de1', gateway: 'gw1', codec: '', services: [] },
      ],
    });
  });

  it('passes a transcoder when they share none', () => {
    const [mine, theirs] = way().legs;
    const { nodes } = routing().choosePath(way({ legs: [mine!, { ...theirs!, codec: 'PCMA' }] }));
    expect(nodes.flatMap(({ services }) => services)).toEqual(['transcoding']);
    expect(nodes.map((node) => node.region)).toEqual(expect.not.arrayContaining(['fr1']));
  });

  it('goes to where the service is that a leg needs', () => {
    const { to: _none, ...one } = way({ services: ['speech'], legs: [way().legs[0]!] });
    const { nodes } = routing().choosePath(one);
    expect(nodes.at(-1)).toMatchObject({ region: 'fr1', services: ['speech'] });
  });

  it('goes elsewhere for what the leg’s own gateway did not do, whatever has been heard of that', () => {
    const { to: _none, ...one } = way({
      services: ['speech'],
      legs: [{ ...way().legs[0]!, gateway: 'gw1' }],
    });
    const [uk1, ...others] = world.regions;
    for (const proxyOf of [undefined, 'fr1']) {
      const speech = { name: 'speech', gateway: 'gw1', healthy: true, load: 0, capacity: 10, proxyOf };
      const network = { ...world, regions: [{ ...uk1!, services: [speech] }, ...others] };
      const { nodes } = routing([], network).choosePath(one);
      expect(nodes.at(-1)).toMatchObject({ region: 'fr1', services: ['speech'] });
    }
  });

  it('goes nowhere where a policy prohibits it', () => {
    const prohibited = routing([{ name: 'not there', prohibit: ['de1'] }]);
    expect(() => prohibited.choosePath(way())).toThrow(/de1/);
  });

  const detour = [
    { ...uk, services: [], codec: 'PCMU' },
    { region: 'fr1', gateway: 'gw1', services: [], codec: 'PCMU' },
    { region: 'de1', gateway: 'gw1', services: [], codec: '' },
  ];
  const straight = [detour[0]!, detour[2]!];

  it('stays on its way when another is hardly better', () => {
    const move: Policy = { name: 'move', liveCalls: 'move' };
    expect(routing([move]).choosePath(way({ current: straight })).nodes).toEqual(straight);
  });

  it('leaves a way that works for a better one only where a policy says so', () => {
    const move: Policy = { name: 'move', liveCalls: 'move' };
    const stays = routing().choosePath(way({ current: detour }));
    expect(stays.nodes).toEqual(detour);
    expect(stays.decision?.reasons.at(-1)).toMatch(/no policy moves live calls/);
    expect(routing([move]).choosePath(way({ current: detour })).nodes).toEqual(straight);
    const others: Policy = { name: 'others', when: { accounts: ['AC2'] }, liveCalls: 'move' };
    expect(routing([others]).choosePath(way({ current: detour })).nodes).toEqual(detour);
  });

  it('leaves a way that does not work, whatever policies say', () => {
    const [uk1, de1, fr1] = world.regions;
    const gone = { ...fr1!, gateways: fr1!.gateways.map((gateway) => ({ ...gateway, healthy: false })) };
    const network = { ...world, regions: [uk1!, de1!, gone] };
    const stay: Policy = { name: 'stay', liveCalls: 'stay' };
    expect(routing([stay], network).choosePath(way({ current: detour })).nodes).toEqual(straight);
  });

  it('stays on a way of which not all has been heard of yet', () => {
    const network = { ...world, regions: world.regions.slice(0, 2) };
    const move: Policy = { name: 'move', liveCalls: 'move' };
    expect(routing([move], network).choosePath(way({ current: detour })).nodes).toEqual(detour);
  });

  describe('whose way a policy closes', () => {
    const closed: Policy = { name: 'not-by-france', prohibit: ['fr1'] };

    it('leaves it at once, and says why', () => {
      const chosen = routing([closed]).choosePath(way({ current: detour }));
      expect(chosen).toMatchObject({ nodes: straight, prohibited: 'policy not-by-france prohibits fr1' });
    });

    it('does so even while nothing has been heard of it', () => {
      const network = { ...world, regions: world.regions.slice(0, 2) };
      expect(routing([closed], network).choosePath(way({ current: detour })).nodes).toEqual(straight);
    });

    it('has none where there is no other, nor after many attempts, and the error names the policy', () => {
      const legs: Policy = { name: 'not-germany', prohibit: ['de1'] };
      for (const attempt of [1, 5]) {
        const refused = () => routing([legs]).choosePath(way({ current: straight, attempt }));
        expect(refused).toThrow(expect.objectContaining({ code: 'routing.prohibited' }));
        expect(refused).toThrow(/policy not-germany prohibits de1/);
      }
    });

    it('leaves a proxy whose service is in the closed region', () => {
      const proxy = { name: 'speech', gateway: 'gw1', healthy: true, load: 0, capacity: 10, proxyOf: 'fr1' };
      const [uk1, de1, fr1] = world.regions;
      const network = { ...world, regions: [uk1!, { ...de1!, services: [proxy] }, fr1!] };
      const { to: _none, ...one } = way({ services: ['speech'], legs: [way().legs[0]!] });
      const current = [
        { ...uk, services: [], codec: 'PCMU' },
        { region: 'de1', gateway: 'gw1', services: ['speech'], codec: '' },
      ];
      expect(() => routing([closed], network).choosePath({ ...one, current })).toThrow(/not-by-france/);
    });
  });

  it.each<[string, Policy['when']]>([
    ['the number that is called', { to: { endpoints: ['+49*'] } }],
    ['what is called', { to: { types: ['pstn'] } }],
    ['who calls', { from: { endpoints: ['+15550199'], types: ['pstn'], regions: ['uk1'] } }],
    ['the direction of the caller’s leg', { directions: ['inbound'] }],
    ['the direction of the dialled leg', { directions: ['outbound'] }],
    ['the kind of media', { media: ['audio'] }],
    ['the account', { accounts: ['AC1'] }],
  ])('and legs are under policies for %s', (_, when) => {
    const policies: Policy[] = [{ name: 'closed', when, prohibit: ['de1'] }];
    const [mine, theirs] = way().legs;
    const dialled = way({ legs: [mine!, { ...theirs!, endpoint: '+49301234567' }] });
    expect(() => routing(policies).choosePath(dialled)).toThrow(/policy closed/);
    expect(() => routing(policies).placeLeg(leg('+49301234567'))).toThrow(/policy closed/);
  });

  it('of the caller alone is inbound, and of a SIP URI no number’s', () => {
    const outbound: Policy = { name: 'out', when: { directions: ['outbound'] }, prohibit: ['fr1'] };
    const { to: _none, ...one } = way({ services: ['speech'], legs: [way().legs[0]!] });
    expect(routing([outbound]).choosePath(one).nodes.at(-1)).toMatchObject({ region: 'fr1' });
    const numbers: Policy = { name: 'numbers', when: { to: { types: ['pstn'] } }, prohibit: ['uk1', 'de1'] };
    expect(() => routing([numbers]).placeLeg(leg('+49301234567'))).toThrow();
    expect(routing([numbers]).placeLeg(leg('sip:someone@example.com'))).toMatchObject({ region: 'uk1' });
  });

  it('keeps what was weighed', () => {
    const { decision } = routing().choosePath(way());
    expect(decision).toMatchObject({ question: 'path', chosen: { regions: ['de1', 'uk1'] } });
    expect(routing().placeLeg(leg('+49301234567')).decision).toMatchObject({ question: 'gateway' });
  });

  it('is not asked for without end', () => {
    expect(() => routing().choosePath(way({ attempt: 5 }))).toThrow(/4 ways failed/);
  });
});
