import { describe, expect, it } from '@jest/globals';
import type { GatewayState } from '../network/network.ts';
import { type NetworkPlan, plannedNetwork } from '../network/static-network.ts';
import type { Policy } from '../policy/policy.ts';
import type { AdopterRequest } from '../question/questions.ts';
import { chooseAdopter } from './choose-adopter.ts';

type Trunks = NonNullable<NonNullable<NetworkPlan['regions'][number]['gateways']>[number]['trunks']>;
type Change = Partial<Omit<GatewayState, 'trunks'>> & { trunks?: Trunks };

/** A region of four gateways, the first of which is gone, and another region. */
const world = (changes: Record<string, Change> = {}) =>
  plannedNetwork({
    regions: [
      {
        name: 'ie1',
        gateways: ['gw1', 'gw2', 'gw3', 'gw4'].map((name) => ({
          name,
          capacity: 100,
          healthy: name !== 'gw1',
          trunks: [{ name: 'carrier' }],
          ...changes[name],
        })),
      },
      { name: 'us1', gateways: [{ name: 'gw1', capacity: 100, trunks: [{ name: 'carrier' }] }] },
    ],
    routes: [{ from: 'ie1', to: 'us1', rtt: 90 }],
  });
const gone = { region: 'ie1', gateway: 'gw1' };
const request: AdopterRequest = {
  callSid: 'CA1',
  from: '+15550111',
  to: '+15550100',
  direction: 'inbound',
  time: 0,
  leg: { ...gone, legId: 'LE1' },
  trunk: 'carrier',
  tried: [gone],
  near: [],
};
const ask = (
  changes?: Record<string, Change>,
  asked: Partial<AdopterRequest> = {},
  policies: readonly Policy[] = [],
) => chooseAdopter({ ...request, ...asked }, world(changes), policies);
const chosen = (...args: Parameters<typeof ask>) => ask(...args).chosen?.gateway ?? null;
const near = (gateway: string) => ({ near: [{ region: 'ie1', gateway }] });
const shut = (...names: string[]) => Object.fromEntries(names.map((name) => [name, { draining: true }]));

describe('who takes a leg whose gateway is gone', () => {
  it('is a gateway of its region, with its trunk and room', () => {
    const { chosen: choice, reasons } = ask();
    expect(choice).toMatchObject({ region: 'ie1', trunks: ['carrier'] });
    expect(reasons[0]).toContain('whose own gateway gw1 is gone');
  });

  it.each<[string, Record<string, Change>, string | null]>([
    ['that drains', shut('gw2', 'gw3'), 'gw4'],
    ['that is full', { ...shut('gw3', 'gw4'), gw2: { legs: 100 } }, null],
    ['that is not healthy', { ...shut('gw3', 'gw4'), gw2: { healthy: false } }, null],
    ['without the trunk', { ...shut('gw3', 'gw4'), gw2: { trunks: [{ name: 'other' }] } }, null],
    [
      'whose trunk is down',
      { ...shut('gw3', 'gw4'), gw2: { trunks: [{ name: 'carrier', up: false }] } },
      null,
    ],
    ['that is nearly full, while others are not', { ...shut('gw4'), gw2: { legs: 95 } }, 'gw3'],
    ['that is loaded, while others are not', { ...shut('gw4'), gw2: { legs: 80 } }, 'gw3'],
  ])('is none %s', (_what, changes, expected) => {
    expect(chosen(changes)).toBe(expected);
  });

  it('is none that is gone with it or would not have it', () => {
    const tried = ['gw1', 'gw2', 'gw4'].map((gateway) => ({ region: 'ie1', gateway }));
    expect(chosen({}, { tried })).toBe('gw3');
    const { chosen: none, reasons, alternatives } = ask(shut('gw3'), { tried });
    expect(none).toBeNull();
    expect(reasons).toEqual([
      'No other gateway of ie1 can take the leg: gw1 is gone, or would not take it; gw2 is gone, or would not take it; gw3 is draining; gw4 is gone, or would not take it.',
    ]);
    expect(alternatives).toHaveLength(4);
  });

  it('needs no trunk for a leg towards a SIP URI', () => {
    const changes = { ...shut('gw3', 'gw4'), gw2: { trunks: [{ name: 'other' }] } };
    expect(chosen(changes, { trunk: undefined })).toBe('gw2');
  });

  it('is where the call’s other legs are', () => {
    for (const gateway of ['gw2', 'gw3', 'gw4']) expect(chosen({}, near(gateway))).toBe(gateway);
    expect(chosen(shut('gw2'), near('gw2'))).not.toBe('gw2');
  });

  it('is the same for all legs of a call, and spreads calls', () => {
    const legs = ['LE1', 'LE2', 'LE3'].map((legId) => chosen({}, { leg: { ...gone, legId } }));
    expect(new Set(legs).size).toBe(1);
    const calls = Array.from({ length: 60 }, (_, index) => chosen({}, { callSid: `CA${index}` }));
    const shares = Map.groupBy(calls, (gateway) => gateway);
    for (const share of shares.values()) expect(share.length).toBeGreaterThan(8);
    expect(shares.size).toBe(3);
  });

  it('is nobody in a region that a policy has closed meanwhile', () => {
    const closed: Policy = { name: 'closed', when: {}, prohibit: ['ie1'] };
    const { chosen: none, policies, reasons } = ask({}, {}, [closed]);
    expect(none).toBeNull();
    expect(policies).toEqual(['closed']);
    expect(reasons[0]).toContain('closed');
  });
});
