import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { loadPenalty, NEARLY_FULL } from '../network/delays.ts';
import type { GatewayState, Network } from '../network/network.ts';
import type { GatewayRequest, Need, PathLeg, RoutingScore } from '../question/questions.ts';
import { planBranches } from '../search/path-tasks.ts';
import { completeOrder } from '../search/score.ts';
import { allowed, bestOfAll, compareByOrder, type World } from '../testing/exhaustive.ts';
import { networks, policies, reordered } from '../testing/worlds.ts';
import { chooseGateway } from './choose-gateway.ts';

const requests = (network: Network): fc.Arbitrary<GatewayRequest> =>
  fc
    .record({
      callSid: fc.constant('CA1'),
      from: fc.constant('+15550111'),
      time: fc.constant(0),
      direction: fc.constant('outbound' as const),
      to: fc.constantFrom('+353861234567', '+15550100', '+4930123456', 'sip:alice@example.com'),
      near: fc.option(
        fc.record({
          place: fc.constantFrom(
            ...network.regions.flatMap(({ name, gateways }) =>
              gateways.map((gateway) => ({ region: name, gateway: gateway.name })),
            ),
          ),
          codecs: fc.constantFrom<string[]>(['opus', 'PCMU'], ['PCMU'], ['PCMA']),
        }),
        { nil: undefined },
      ),
      needs: fc.constantFrom<Need[]>([], [{ service: 'recording', kind: 'side' }]),
    })
    .map(({ near, ...rest }) => ({ ...rest, ...(near && { near: { ...near.place, codecs: near.codecs } }) }));

const worlds = networks(4, 3).chain((network) =>
  fc.record({ network: fc.constant(network), policies, request: requests(network) }),
);

/** How many characters of the number a working trunk of the gateway names; undefined: it cannot call it. */
function reach({ kinds, trunks }: GatewayState, to: string): number | undefined {
  if (to.startsWith('sip:')) return kinds.includes('sip') ? 0 : undefined;
  const lengths = trunks
    .filter(({ up }) => up)
    .flatMap(({ prefixes }) =>
      prefixes.filter((prefix) => to.startsWith(prefix)).map(({ length }) => length),
    );
  return lengths.length > 0 ? Math.max(...lengths) : undefined;
}

/** The scores of every gateway that may place the leg, by the plainest means. */
function everyScore(world: World, request: GatewayRequest): RoutingScore[] {
  const { network } = world;
  const { near, to, needs = [] } = request;
  const order = world.policies.find((policy) => policy.order)?.order ?? [];
  const alive = (region: string, gateway: string): boolean =>
    network.regions.find(({ name }) => name === region)!.gateways.find(({ name }) => name === gateway)!
      .healthy;
  if (near && (!allowed({ network, policies: [] }, near.region) || !alive(near.region, near.gateway)))
    return [];
  return network.regions.flatMap((region) =>
    region.gateways.flatMap((gateway): RoutingScore[] => {
      const prefix = reach(gateway, to);
      const open = gateway.healthy && !gateway.draining && gateway.legs < gateway.capacity;
      if (prefix === undefined || !open || !allowed(world, region.name)) return [];
      const here = { region: region.name, gateway: gateway.name };
      const leg: PathLeg = { ...here, legId: 'new', mediaTypes: [], codecs: gateway.codecs };
      const other: PathLeg = { ...(near ?? here), legId: 'near', mediaTypes: [], codecs: near?.codecs ?? [] };
      const plans = near ? planBranches([other, leg], needs) : planBranches([leg], []);
      const path = bestOfAll(world, plans, order, () => true);
      if (!path) return [];
      const [trunk] = gateway.trunks
        .filter(
          ({ up, prefixes }) => up && prefixes.some((one) => one.length === prefix && to.startsWith(one)),
        )
        .sort((a, b) => {
          const [ours, theirs] = [a.cost - b.cost, a.customerCost - b.customerCost];
          const customerFirst =
            completeOrder(order).indexOf('customer-cost') < completeOrder(order).indexOf('cost');
          return (customerFirst ? theirs || ours : ours || theirs) || (a.name < b.name ? -1 : 1);
        });
      const money = to.startsWith('sip:') ? undefined : trunk;
      return [
        {
          ...path,
          prefix,
          overload: gateway.legs >= NEARLY_FULL * gateway.capacity ? 1 : 0,
          distance: path.distance + loadPenalty(gateway.legs, gateway.capacity),
          cost: path.cost + (money?.cost ?? 0),
          customerCost: money?.customerCost ?? 0,
        },
      ];
    }),
  );
}

describe('chooseGateway', () => {
  it('is as good as the best of all gateways, and finds one when there is one', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const answer = chooseGateway(world.request, world.network, world.policies);
        const order = world.policies.find((policy) => policy.order)?.order ?? [];
        const all = everyScore(world, world.request);
        expect(answer.chosen === null).toBe(all.length === 0);
        for (const one of all) expect(compareByOrder(answer.score!, one, order)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 1000 },
    );
  });

  it('never chooses one that is full, draining, not healthy, prohibited or without a trunk', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const { chosen } = chooseGateway(world.request, world.network, world.policies);
        if (!chosen) return;
        expect(allowed(world, chosen.region)).toBe(true);
        const region = world.network.regions.find(({ name }) => name === chosen.region)!;
        const gateway = region.gateways.find(({ name }) => name === chosen.gateway)!;
        expect(gateway).toMatchObject({ healthy: true, draining: false });
        expect(gateway.legs).toBeLessThan(gateway.capacity);
        expect(reach(gateway, world.request.to)).toBeDefined();
      }),
      { numRuns: 500 },
    );
  });

  it('gives the same answer to the same question, whatever the order of the network’s lists', () => {
    fc.assert(
      fc.property(worlds, ({ network, policies: rules, request }) => {
        const answer = chooseGateway(request, network, rules);
        const again = chooseGateway(request, reordered(network), [...rules]);
        expect(again.chosen && [again.chosen.region, again.chosen.gateway]).toEqual(
          answer.chosen && [answer.chosen.region, answer.chosen.gateway],
        );
        expect(again.score).toEqual(answer.score);
        expect(JSON.parse(JSON.stringify(answer))).toEqual(answer);
      }),
      { numRuns: 300 },
    );
  });
});
