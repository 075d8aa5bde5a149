import { describe, expect, it } from '@jest/globals';
import type { GatewayState } from '../network/network.ts';
import { type NetworkPlan, plannedNetwork } from '../network/static-network.ts';
import type { GatewayRequest } from '../question/questions.ts';
import { chooseGateway } from './choose-gateway.ts';

type Trunks = NonNullable<NonNullable<NetworkPlan['regions'][number]['gateways']>[number]['trunks']>;
type Change = Partial<Omit<GatewayState, 'trunks'>> & { trunks?: Trunks };

/** Two regions with two gateways each; every gateway has a trunk for all numbers unless it is changed. */
const world = (changes: Record<string, Change> = {}) =>
  plannedNetwork({
    regions: ['ie1', 'us1'].map((name) => ({
      name,
      gateways: ['gw1', 'gw2'].map((gateway) => ({
        name: gateway,
        capacity: 100,
        trunks: [{ name: 'carrier' }],
        ...changes[`${name}/${gateway}`],
      })),
      services: [{ name: 'recording', gateway: 'gw1' }],
    })),
    routes: [{ from: 'ie1', to: 'us1', rtt: 90 }],
  });
const request: GatewayRequest = {
  callSid: 'CA1',
  from: '+15550111',
  to: '+4930123456',
  direction: 'outbound',
  time: 0,
  near: { region: 'ie1', gateway: 'gw1', codecs: ['PCMU'] },
};
const chosen = (changes?: Record<string, Change>, asked: Partial<GatewayRequest> = {}) => {
  const { chosen: choice } = chooseGateway({ ...request, ...asked }, world(changes), []);
  return choice && `${choice.region}/${choice.gateway}`;
};
const only = (...names: string[]): Record<string, Change> =>
  Object.fromEntries(
    ['ie1/gw1', 'ie1/gw2', 'us1/gw1', 'us1/gw2']
      .filter((name) => !names.includes(name))
      .map((name) => [name, { healthy: false }]),
  );

describe('the gateway of a leg', () => {
  it.each<[string, Record<string, Change>, string | null]>([
    ['the other leg’s own', {}, 'ie1/gw1'],
    ['its region’s, when its own is loaded', { 'ie1/gw1': { legs: 80 } }, 'ie1/gw2'],
    [
      'its own again, when both are as loaded',
      { 'ie1/gw1': { legs: 80 }, 'ie1/gw2': { legs: 80 } },
      'ie1/gw1',
    ],
    ['another, when its own is nearly full (S17)', { 'ie1/gw1': { legs: 90 } }, 'ie1/gw2'],
    ['another, when its own is draining', { 'ie1/gw1': { draining: true } }, 'ie1/gw2'],
    [
      'another, when its own has no trunk that works',
      { 'ie1/gw1': { trunks: [{ name: 'carrier', up: false }] } },
      'ie1/gw2',
    ],
    [
      'in another region, when its own is nearly full',
      { 'ie1/gw1': { legs: 95 }, 'ie1/gw2': { legs: 95 }, 'us1/gw2': { healthy: false } },
      'us1/gw1',
    ],
    ['nearly full, when nothing else is left', { ...only('ie1/gw1'), 'ie1/gw1': { legs: 99 } }, 'ie1/gw1'],
    ['none that is full', { ...only('us1/gw1'), 'us1/gw1': { legs: 100 } }, null],
    [
      'where a trunk names more of the number',
      { 'us1/gw1': { trunks: [{ name: 'german', prefixes: ['+49'] }] } },
      'us1/gw1',
    ],
    [
      'near, when that trunk is down',
      { 'us1/gw1': { trunks: [{ name: 'german', prefixes: ['+49'], up: false }] } },
      'ie1/gw1',
    ],
  ])('is %s', (_, changes, gateway) => {
    expect(chosen(changes)).toBe(gateway);
  });

  it('of SIP URIs is any SIP gateway, trunks or not', () => {
    const clientOnly: Change = { kinds: ['client'] };
    const to = { to: 'sip:alice@example.com' };
    expect(chosen({ 'ie1/gw1': { trunks: [] } }, to)).toBe('ie1/gw1');
    expect(chosen({ 'ie1/gw1': clientOnly }, to)).toBe('ie1/gw2');
  });

  it('of clients is the best of those at which it is registered', () => {
    const clients = { 'ie1/gw2': { kinds: ['client' as const] }, 'us1/gw1': { kinds: ['client' as const] } };
    const candidates = [
      { region: 'us1', gateway: 'gw1' },
      { region: 'ie1', gateway: 'gw2' },
      { region: 'fr9', gateway: 'gw1' },
    ];
    expect(chosen(clients, { to: 'client:alice', candidates })).toBe('ie1/gw2');
    expect(chosen(clients, { to: 'client:alice' })).toBeNull();
    const answer = chooseGateway({ ...request, to: 'client:alice', candidates }, world(clients), []);
    expect(answer.alternatives.map(({ choice }) => choice.region)).toEqual(['us1']);
  });

  it('without another leg is spread over all that are as good, each call always to the same', () => {
    const places = Array.from({ length: 400 }, (_, index) =>
      chosen({}, { near: undefined, callSid: `CA${index}` }),
    );
    const counts = Map.groupBy(places, (place) => place);
    expect(counts.size).toBe(4);
    for (const calls of counts.values()) expect(calls.length).toBeGreaterThan(60);
    expect(chosen({}, { near: undefined, callSid: 'CA7' })).toBe(places[7]);
  });

  it('is refused with the reason of each', () => {
    const answer = chooseGateway(
      request,
      world({ ...only('ie1/gw1', 'us1/gw1'), 'ie1/gw1': { draining: true }, 'us1/gw1': { legs: 100 } }),
      [],
    );
    expect(answer.reasons).toEqual([
      'No gateway can call +4930123456. ie1/gw1: is draining; ie1/gw2: is not healthy; us1/gw1: is full (100 of 100); us1/gw2: is not healthy.',
    ]);
  });
});

describe('its trunks', () => {
  const trunks: Trunks = [
    { name: 'any', prefixes: [''], cost: 1, customerCost: 1 },
    { name: 'german-dear', prefixes: ['+49'], cost: 3, customerCost: 1 },
    { name: 'german', prefixes: ['+49'], cost: 2, customerCost: 2 },
    { name: 'broken', prefixes: ['+4930'], up: false },
    { name: 'irish', prefixes: ['+353'] },
  ];
  const trunksFor = (order: ('cost' | 'customer-cost')[]) =>
    chooseGateway(request, world({ 'ie1/gw1': { trunks } }), [{ name: 'money', order }]).chosen?.trunks;

  it('are tried by the longest prefix, then by cost', () => {
    expect(trunksFor(['cost'])).toEqual(['german', 'german-dear', 'any']);
    expect(trunksFor(['customer-cost'])).toEqual(['german-dear', 'german', 'any']);
  });
});
