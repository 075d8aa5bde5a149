import { afterEach, describe, expect, it } from '@jest/globals';
import { initialCall } from '../../machines/execution/call-context.ts';
import { plannedPath } from '../../machines/execution/media-path.ts';
import type { Network } from '../../routing/network/network.ts';
import type { Policy } from '../../routing/policy/policy.ts';
import { type NetworkWatch, watchNetwork } from './network-watch.ts';

const watches: NetworkWatch[] = [];
afterEach(async () => {
  for (const watch of watches.splice(0)) await watch.close();
});

const network = (healthy: boolean, up = true): Network => ({
  regions: ['uk1', 'de1'].map((name) => ({
    name,
    main: false,
    healthy: true,
    cost: 0,
    routers: [],
    services: [],
    gateways: [
      {
        name: 'gw1',
        kinds: ['sip'],
        healthy: healthy || name === 'uk1',
        draining: false,
        legs: 0,
        capacity: 10,
        codecs: [],
        trunks: [],
      },
    ],
  })),
  routes: [
    {
      from: 'uk1',
      to: 'de1',
      rtt: 13,
      jitter: 0,
      loss: 0,
      cost: 0,
      load: 0,
      capacity: 10,
      up,
      measured: true,
    },
  ],
});

const leg = (region: string) => ({ region, gateway: 'gw1', to: '', status: 'answered' as const });
const node = (region: string) => ({ region, gateway: 'gw1', services: [], codec: 'PCMU' });
const abroad = {
  ...initialCall,
  legs: { LE1: leg('uk1'), LE2: leg('de1') },
  media: {
    path: plannedPath({
      pathId: 'MP1',
      from: 'LE1',
      to: 'LE2',
      mode: 'multi-regional',
      reason: '',
      nodes: [node('uk1'), node('de1')],
    }),
  },
};
const atHome = { ...initialCall, legs: { LE3: leg('uk1') } };

function given(policies: Policy[] = []) {
  let now = network(true);
  let inForce = policies;
  let time = Date.parse('2026-11-23T12:00:00Z');
  const told: string[] = [];
  const watch = watchNetwork({
    network: { current: () => now },
    policies: { current: () => inForce },
    now: () => time,
    calls: () => ['call-abroad', 'call-at-home'],
    contextOf: async (call) => (call === 'call-abroad' ? abroad : atHome),
    tell: async (call, { type }) => void told.push(`${call} ${type}`),
    onError: (error) => {
      throw error;
    },
    interval: 60_000,
  });
  watches.push(watch);
  const become = async (next: Network) => {
    now = next;
    await watch.look();
    return told.splice(0);
  };
  const lookAt = async (clock: string, list = inForce) => {
    [time, inForce] = [Date.parse(`2026-11-23T${clock}Z`), list];
    await watch.look();
    return told.splice(0);
  };
  const adopted = async (...calls: string[]) => {
    await watch.look();
    told.splice(0);
    await watch.adopted(calls);
    return told.splice(0);
  };
  return { become, lookAt, adopted };
}

describe('calls under way', () => {
  it('hear of a gateway that went away, where something of theirs is there', async () => {
    const { become } = given();
    expect(await become(network(false))).toEqual(['call-abroad CallGatewayLost']);
    expect(await become(network(false))).toEqual([]);
  });

  it('look at their way again when it may have become another', async () => {
    const { become } = given();
    expect(await become(network(true, false))).toEqual(['call-abroad MediaPathReviewRequested']);
  });

  it('look at their way again when other policies are in force, if media goes anywhere', async () => {
    const { lookAt } = given();
    const policy = { name: 'closed', prohibit: ['de1'] };
    expect(await lookAt('12:00:00')).toEqual([]);
    expect(await lookAt('12:00:01', [policy])).toEqual(['call-abroad MediaPathReviewRequested']);
    expect(await lookAt('12:00:02')).toEqual([]);
    expect(await lookAt('12:00:03', [])).toEqual(['call-abroad MediaPathReviewRequested']);
  });

  it('look at it once at the beginning: policies may be others than before', async () => {
    const { lookAt } = given([{ name: 'closed', prohibit: ['de1'] }]);
    expect(await lookAt('12:00:00')).toEqual(['call-abroad MediaPathReviewRequested']);
    expect(await lookAt('12:00:01')).toEqual([]);
  });

  it('look at it again when an hour of a policy begins, and when it ends', async () => {
    const hours = [{ zone: 'UTC', from: '12:30', until: '13:00' }];
    const { lookAt } = given([{ name: 'lunch', when: { hours }, prohibit: ['de1'] }]);
    await lookAt('12:00:00');
    expect(await lookAt('12:29:59')).toEqual([]);
    expect(await lookAt('12:30:00')).toEqual(['call-abroad MediaPathReviewRequested']);
    expect(await lookAt('12:59:59')).toEqual([]);
    expect(await lookAt('14:00:00')).toEqual(['call-abroad MediaPathReviewRequested']);
  });

  it('look at it again when they were another router’s', async () => {
    const { adopted } = given([{ name: 'closed', prohibit: ['de1'] }]);
    expect(await adopted('call-abroad', 'call-at-home')).toEqual(['call-abroad MediaPathReviewRequested']);
    expect(await given().adopted('call-abroad')).toEqual([]);
  });

  it('look at it to the moment at which an hour begins', async () => {
    // The clock stands until it has looked for the first time.
    let began: number | undefined;
    const hours = [{ zone: 'UTC', from: '12:30', until: '13:00' }];
    const lunch: Policy[] = [{ name: 'lunch', when: { hours }, prohibit: ['de1'] }];
    const told = Promise.withResolvers<string>();
    let looks = 0;
    watches.push(
      watchNetwork({
        network: { current: () => network(true) },
        policies: { current: () => lunch },
        now: () => Date.parse('2026-11-23T12:29:59.950Z') + (began === undefined ? 0 : Date.now() - began),
        calls: () => ['call-abroad'],
        contextOf: async () => abroad,
        tell: async (_call, { data }) => {
          looks += 1;
          began ??= Date.now();
          if (looks === 2) told.resolve((data as { reason: string }).reason);
        },
        onError: told.reject,
        interval: 600_000,
      }),
    );
    expect(await told.promise).toMatch(/hour/);
  });
});
