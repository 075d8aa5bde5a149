import { describe, expect, it } from '@jest/globals';
import type { ChoosePath } from '../machines/call/call-context.ts';
import type { Network, RegionState } from '../routing/network.ts';
import type { Policy } from '../routing/policy.ts';
import type { PlaceLeg } from './call-routing.ts';
import { policyRouting } from './policy-routing.ts';

const region = (name: string, prefix: string, services: readonly string[] = []): RegionState => ({
  ...{ name, main: false, healthy: true, cost: 0, routers: [] },
  gateways: ['gw1', 'gw2'].map((gateway) => ({
    ...{ name: gateway, kinds: ['sip'], healthy: true, draining: false, legs: 0, capacity: 100 },
    codecs: ['PCMU', 'PCMA'],
    trunks: [{ name: 'carrier', prefixes: [prefix], up: true, cost: 0, customerCost: 0 }],
  })),
  services: services.map((service) => ({
    ...{ name: service, gateway: 'gw1', healthy: true, load: 0, capacity: 10 },
  })),
});
const world: Network = {
  regions: [region('uk1', '+44', ['transcoding']), region('de1', '+49'), region('fr1', '+33', ['speech'])],
  routes: [],
};
const routing = (policies: readonly Policy[] = []) =>
  policyRouting({ network: { current: () => world }, policies, now: () => 1_700_000_000_000 });

const call = { callSid: 'CA1', accountSid: 'AC1', from: '+15550199', to: '+15550100' };
const uk = { region: 'uk1', gateway: 'gw2' };
const leg = (to: string, tried: PlaceLeg['tried'] = []): PlaceLeg => ({
  ...{ type: 'placeLeg', legId: 'LE2', call, from: call.from, to, near: uk, tried },
});
const way = (changes: Partial<ChoosePath> = {}): ChoosePath => ({
  ...{ type: 'choosePath', pathId: 'MP1', call, from: 'LE1', to: 'LE2', services: [], reason: 'bridge' },
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
      ...{ pathId: 'MP1', from: 'LE1', to: 'LE2', mode: 'multi-regional', reason: 'bridge' },
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

  it('goes nowhere where a policy prohibits it', () => {
    const prohibited = routing([{ name: 'not there', prohibit: ['de1'] }]);
    expect(() => prohibited.choosePath(way())).toThrow(/de1/);
  });

  it('stays on its way when another is hardly better, and leaves one that does not work', () => {
    const detour = [
      { ...uk, services: [], codec: 'PCMU' },
      { region: 'fr1', gateway: 'gw1', services: [], codec: 'PCMU' },
      { region: 'de1', gateway: 'gw1', services: [], codec: '' },
    ];
    const straight = [detour[0]!, detour[2]!];
    expect(routing().choosePath(way({ current: straight })).nodes).toEqual(straight);
    expect(routing().choosePath(way({ current: detour })).nodes).toEqual(straight);
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
