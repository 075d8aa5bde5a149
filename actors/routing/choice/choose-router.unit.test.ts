import { describe, expect, it } from '@jest/globals';
import type { Network } from '../network/network.ts';
import { plannedNetwork } from '../network/static-network.ts';
import type { RouterRequest } from '../question/questions.ts';
import { chooseRouter } from './choose-router.ts';

const network = plannedNetwork({
  regions: [
    { name: 'ie1' },
    {
      name: 'de1',
      routers: [
        { name: 'router-1', capacity: 100 },
        { name: 'router-2', capacity: 300 },
      ],
    },
    { name: 'us1', routers: [{ name: 'router-1' }] },
  ],
  routes: [
    { from: 'ie1', to: 'de1', rtt: 30 },
    { from: 'ie1', to: 'us1', rtt: 90 },
  ],
});
const request: RouterRequest = {
  callSid: 'CA1',
  from: '+15550111',
  to: '+15550100',
  direction: 'inbound',
  time: 0,
  region: 'ie1',
};
type Router = Network['regions'][number]['routers'][number];
const withRouters = (change: Partial<Router>): Network => ({
  ...network,
  regions: network.regions.map((region) =>
    region.name === 'de1'
      ? { ...region, routers: region.routers.map((router) => ({ ...router, ...change })) }
      : region,
  ),
});

describe('chooseRouter', () => {
  it('takes the nearest main region', () => {
    expect(chooseRouter(request, network, []).chosen?.region).toBe('de1');
  });

  it('spreads calls over its routers by their free capacity, and each call always to the same', () => {
    const counts = { 'router-1': 0, 'router-2': 0 };
    for (let index = 0; index < 4000; index++) {
      const { chosen } = chooseRouter({ ...request, callSid: `CA${index}` }, network, []);
      counts[chosen?.router as keyof typeof counts] += 1;
    }
    expect(counts['router-1'] / 4000).toBeGreaterThan(0.2);
    expect(counts['router-1'] / 4000).toBeLessThan(0.3);
  });

  it('moves no other calls when a router goes away', () => {
    const gone = withRouters({});
    gone.regions = gone.regions.map((region) => ({
      ...region,
      routers: region.routers.filter(({ name }) => region.name !== 'de1' || name === 'router-2'),
    }));
    for (let index = 0; index < 500; index++) {
      const asked = { ...request, callSid: `CA${index}` };
      const before = chooseRouter(asked, network, []).chosen;
      if (before?.router === 'router-2') expect(chooseRouter(asked, gone, []).chosen).toEqual(before);
    }
  });

  it.each([
    ['draining', { draining: true }],
    ['not healthy', { healthy: false }],
    ['full', { calls: 500 }],
    ['nearly full', { calls: 95, capacity: 100 }],
  ])('goes to the next region when all routers are %s', (_, change) => {
    expect(chooseRouter(request, withRouters(change), []).chosen?.region).toBe('us1');
  });

  it('uses what is nearly full when nothing else is left, and says when nothing is', () => {
    const far: Network = { ...withRouters({ calls: 95, capacity: 100 }), routes: [] };
    const alone = { ...far, regions: far.regions.filter(({ name }) => name !== 'us1') };
    expect(chooseRouter(request, alone, []).chosen?.region).toBe('de1');
    const none = withRouters({ draining: true });
    none.regions = none.regions.filter(({ name }) => name !== 'us1');
    expect(chooseRouter(request, none, []).reasons).toEqual([
      'No call router can take it. de1/router-1: is draining; de1/router-2: is draining.',
    ]);
  });

  it('keeps to policies for media only when they are for signalling, too', () => {
    const policy = { name: 'no-germany', prohibit: ['de1'] };
    expect(chooseRouter(request, network, [policy]).chosen?.region).toBe('de1');
    expect(chooseRouter(request, network, [{ ...policy, signalling: true }]).chosen?.region).toBe('us1');
  });
});
