import { describe, expect, it } from '@jest/globals';
import type { Network, RouteState } from './network.ts';
import { plannedView, withPlan } from './planned-view.ts';

const route = (from: string, to: string, changes: Partial<RouteState> = {}): RouteState => ({
  from,
  to,
  rtt: 10,
  jitter: 0,
  loss: 0,
  cost: 0,
  load: 0,
  capacity: 10,
  up: true,
  measured: true,
  ...changes,
});
const network: Network = {
  regions: ['uk1', 'de1'].map((name) => ({
    name,
    main: false,
    healthy: true,
    cost: 1,
    routers: [],
    gateways: [],
    services: [],
  })),
  routes: [route('uk1', 'de1'), route('de1', 'uk1', { measured: false, rtt: 0, up: false, load: 3 })],
};
const plan = {
  routes: [
    route('uk1', 'de1', { rtt: 13, measured: false }),
    route('uk1', 'us1', { rtt: 75, measured: false }),
  ],
  costs: new Map([['de1', 5]]),
};

describe('what was written down of a network', () => {
  it('counts where nothing is measured, for both directions', () => {
    expect(withPlan(network, plan).routes).toEqual([
      route('uk1', 'de1'),
      route('de1', 'uk1', { rtt: 13, measured: false, up: false, load: 3 }),
      route('uk1', 'us1', { rtt: 75, measured: false }),
      route('us1', 'uk1', { rtt: 75, measured: false }),
    ]);
  });

  it('says what regions cost', () => {
    expect(withPlan(network, plan).regions.map(({ cost }) => cost)).toEqual([1, 5]);
  });

  it('is put together once for each snapshot', () => {
    let now = network;
    const view = plannedView({ current: () => now }, plan);
    expect(view.current()).toBe(view.current());
    const before = view.current();
    now = { ...network };
    expect(view.current()).not.toBe(before);
    const bare = { routes: [], costs: new Map<string, number>() };
    expect(plannedView({ current: () => now }, bare).current()).toBe(now);
  });
});
