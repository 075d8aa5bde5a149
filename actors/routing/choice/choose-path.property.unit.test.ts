import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Need } from '../question/questions.ts';
import { planBranches } from '../search/path-tasks.ts';
import { allowed, bestOfAll, compareByOrder, route } from '../testing/exhaustive.ts';
import { networks, pathRequests, policies, reordered } from '../testing/worlds.ts';
import { choosePath } from './choose-path.ts';

const worlds = (regions = 4, services = 3, legs = 2, needs = 2) =>
  networks(regions, services).chain((network) =>
    fc.record({ network: fc.constant(network), policies, request: pathRequests(network, legs, needs) }),
  );

describe('choosePath', () => {
  it('is as good as the best of all paths, and finds one when there is one', () => {
    fc.assert(
      fc.property(worlds(), (world) => {
        const { network, request } = world;
        const answer = choosePath(request, network, world.policies);
        if (answer.chosen?.branches.some(({ mode }) => mode === 'peer-to-peer')) return;
        const alive = request.legs.every(
          (leg) =>
            network.regions
              .find(({ name }) => name === leg.region)
              ?.gateways.find(({ name }) => name === leg.gateway)?.healthy,
        );
        const plans = planBranches(request.legs, request.needs);
        const whole = world.policies.find(({ branches }) => branches)?.branches === 'whole';
        const pinned = (need: Need): boolean =>
          (whole || need.shared === true) && need.service !== 'transcoding';
        // Branches that share nothing are chosen one by one, and may use up what the next would have needed.
        const joint = whole || request.needs.some(({ shared }) => shared);
        if (plans.length > 1 && !joint) return;
        const best = alive ? bestOfAll(world, plans, answer.order as never, pinned) : undefined;
        if (!best) expect(answer.chosen).toBeNull();
        else {
          expect(answer.score).not.toBeNull();
          expect(compareByOrder(answer.score!, best, answer.order as never)).toBe(0);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('never passes a prohibited region, an unhealthy one, or a route that is down', () => {
    fc.assert(
      fc.property(worlds(5, 4, 3, 3), (world) => {
        const { network, request } = world;
        const { chosen, alternatives } = choosePath(request, network, world.policies);
        for (const path of [...(chosen ? [chosen] : []), ...alternatives.map(({ choice }) => choice)]) {
          for (const region of path.regions) expect(allowed(world, region)).toBe(true);
          for (const { nodes } of path.branches)
            for (const [index, { region }] of nodes.slice(1).entries()) {
              const before = nodes[index]!.region;
              if (before !== region) expect(route(world, before, region).up).toBe(true);
            }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('never uses more of a service or a route than it has room for', () => {
    fc.assert(
      fc.property(worlds(4, 4, 4, 3), (world) => {
        const { network, request } = world;
        const { chosen } = choosePath(request, network, world.policies);
        const sessions = new Map<string, number>();
        const pipes = new Map<string, number>();
        const count = (map: Map<string, number>, key: string) => map.set(key, (map.get(key) ?? 0) + 1);
        for (const { nodes, sides } of chosen?.branches ?? []) {
          for (const [index, { region, gateway, services }] of nodes.entries()) {
            for (const { service } of services) count(sessions, `${region} ${gateway} ${service}`);
            if (index > 0) count(pipes, [nodes[index - 1]!.region, region].sort().join());
          }
          for (const { service, from, via, to } of sides) {
            count(sessions, `${to.region} ${to.gateway} ${service.service}`);
            count(pipes, [(via ?? from).region, to.region].sort().join());
          }
        }
        for (const { name, services } of network.regions)
          for (const one of services) {
            const used = sessions.get(`${name} ${one.gateway} ${one.name}`) ?? 0;
            if (used > 0) expect(one.load + used).toBeLessThanOrEqual(one.capacity);
          }
        for (const [key, used] of pipes) {
          const [a, b] = key.split(',');
          if (a !== b) expect(used).toBeLessThanOrEqual(route(world, a!, b!).room);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('stays in the legs’ region when everything that they need is there', () => {
    fc.assert(
      fc.property(worlds(), (world) => {
        const { network } = world;
        const [first] = world.request.legs;
        const { region } = first!;
        const request = {
          ...world.request,
          legs: world.request.legs.map((leg) => ({ ...first!, legId: leg.legId, codecs: ['PCMU'] })),
        };
        const home = network.regions.find(({ name }) => name === region)!;
        const gateway = home.gateways.find(({ name }) => name === first!.gateway)!;
        const has = (service: string): boolean =>
          home.services.some(
            (one) =>
              one.name === service &&
              one.gateway === gateway.name &&
              !one.proxyOf &&
              one.healthy &&
              one.load + 2 <= one.capacity,
          );
        fc.pre(
          gateway.healthy && allowed(world, region) && request.needs.every(({ service }) => has(service)),
        );
        const plain = world.policies.map(({ name, prohibit, only }) => ({ name, prohibit, only }));
        const { chosen } = choosePath(request, network, plain);
        expect(chosen?.mode === 'peer-to-peer' ? 'local' : chosen?.mode).toBe('local');
      }),
      { numRuns: 1000 },
    );
  });

  it('gives the same answer to the same question, whatever the order of the network’s lists', () => {
    fc.assert(
      fc.property(worlds(5, 4, 3, 3), ({ network, policies: rules, request }) => {
        const answer = choosePath(request, network, rules);
        expect(choosePath(request, network, rules)).toEqual(answer);
        expect(choosePath(request, reordered(network), [...rules])).toEqual(answer);
        expect(JSON.parse(JSON.stringify(answer))).toEqual(answer);
      }),
      { numRuns: 500 },
    );
  });
});
