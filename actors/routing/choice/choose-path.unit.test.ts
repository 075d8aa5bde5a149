import { describe, expect, it } from '@jest/globals';
import { verifyEvent } from '../../events/event-schema.ts';
import type { Network } from '../network/network.ts';
import { type NetworkPlan, plannedNetwork } from '../network/static-network.ts';
import type { Need, PathLeg, PathRequest } from '../question/questions.ts';
import { recordDecision } from '../question/record-decision.ts';
import { choosePath } from './choose-path.ts';

type Services = Record<
  string,
  (string | { name: string; load?: number; capacity?: number; proxyOf?: string })[]
>;

/** Regions with two gateways each; services are in gw1. */
const world = (services: Services, routes: NonNullable<NetworkPlan['routes']> = []): Network =>
  plannedNetwork({
    regions: Object.entries(services).map(([name, list]) => ({
      name,
      gateways: [{ name: 'gw1' }, { name: 'gw2' }],
      services: list.map((one) => ({
        gateway: 'gw1',
        ...(typeof one === 'string' ? { name: one } : one),
      })),
    })),
    routes,
  });
const europe = [
  { from: 'ie1', to: 'de1', rtt: 30 },
  { from: 'ie1', to: 'us1', rtt: 90 },
  { from: 'de1', to: 'us1', rtt: 110 },
];
const leg = (legId: string, region: string, more: Partial<PathLeg> = {}): PathLeg => ({
  legId,
  region,
  gateway: 'gw1',
  mediaTypes: ['audio'],
  codecs: ['PCMU'],
  ...more,
});
const ask = (network: Network, legs: PathLeg[], needs: Need[] = [], more: Partial<PathRequest> = {}) =>
  choosePath(
    {
      callSid: 'CA1',
      from: '+15550111',
      to: '+15550100',
      direction: 'inbound',
      time: 0,
      legs,
      needs,
      ...more,
    },
    network,
    [],
  );
/** The nodes of each branch in one line. */
const ways = ({ chosen }: ReturnType<typeof ask>) =>
  chosen?.branches.map(({ nodes, sides }) =>
    [
      nodes
        .map(({ region, gateway, services }) =>
          [`${region}/${gateway}`, ...services.map(({ service }) => service)].join(' '),
        )
        .join(' > '),
      ...sides.map(({ from, to }) => `copy ${from.region}/${from.gateway} > ${to.region}/${to.gateway}`),
    ].join(', '),
  );
const side: Need = { service: 'recording', kind: 'side' };

describe('the path of two legs', () => {
  it('is local in one region (S1)', () => {
    const answer = ask(world({ ie1: [], us1: [] }), [leg('LE1', 'ie1'), leg('LE2', 'ie1')]);
    expect(answer.chosen).toMatchObject({ mode: 'local', regions: ['ie1'] });
    expect(answer.chosen?.branches[0]?.nodes).toEqual([
      { region: 'ie1', gateway: 'gw1', legId: 'LE2', services: [], codec: '' },
    ]);
  });

  it('goes straight from region to region (S8)', () => {
    const answer = ask(world({ ie1: [], de1: [], us1: [] }, europe), [leg('LE1', 'ie1'), leg('LE2', 'de1')]);
    expect(answer.chosen).toMatchObject({ mode: 'multi-regional', regions: ['de1', 'ie1'] });
    expect(ways(answer)).toEqual(['ie1/gw1 > de1/gw1']);
    expect(answer.score).toMatchObject({ regions: 2, latency: 76, gateways: 2 });
  });

  it('passes a transcoder only when there is no common codec, in either region and never in a third (S14)', () => {
    const legs = [leg('LE1', 'ie1', { codecs: ['opus'] }), leg('LE2', 'de1', { codecs: ['PCMU', 'PCMA'] })];
    const inThird = world({ ie1: [], de1: ['transcoding'], us1: ['transcoding'] }, europe);
    expect(ways(ask(inThird, legs))).toEqual(['ie1/gw1 > de1/gw1 transcoding']);
    const [branch] = ask(inThird, legs).chosen!.branches;
    expect(branch?.nodes.map(({ codec }) => codec)).toEqual(['opus', '']);
    expect(ways(ask(inThird, [legs[0]!, leg('LE2', 'de1', { codecs: ['pcmu', 'OPUS'] })]))).toEqual([
      'ie1/gw1 > de1/gw1',
    ]);
  });

  it('takes a service that is full from elsewhere', () => {
    const legs = [leg('LE1', 'ie1', { codecs: ['opus'] }), leg('LE2', 'ie1')];
    const full = { name: 'transcoding', load: 2, capacity: 2 };
    expect(
      ways(ask(world({ ie1: [full], de1: ['transcoding'], us1: ['transcoding'] }, europe), legs)),
    ).toEqual(['ie1/gw1 > de1/gw1 transcoding > ie1/gw1']);
  });

  it('is peer-to-peer when the endpoints reach each other and nothing is needed (S8, K7)', () => {
    const network = world({ ie1: ['recording'], de1: [] }, europe);
    const legs = [leg('LE1', 'ie1', { peerToPeer: 'office' }), leg('LE2', 'de1', { peerToPeer: 'office' })];
    expect(ask(network, legs).chosen).toMatchObject({ mode: 'peer-to-peer', regions: [] });
    expect(ask(network, legs, [side]).chosen?.mode).toBe('multi-regional');
    expect(ask(network, [legs[0]!, leg('LE2', 'de1', { peerToPeer: 'home' })]).chosen?.mode).toBe(
      'multi-regional',
    );
    expect(
      ask(network, [legs[0]!, leg('LE2', 'de1', { peerToPeer: 'office', codecs: ['opus'] })]).chosen,
    ).toBeNull();
    const answer = choosePath(
      { callSid: 'CA1', from: 'a', to: 'b', direction: 'inbound', time: 0, legs, needs: [] },
      network,
      [{ name: 'kept', peerToPeer: false }],
    );
    expect(answer.chosen?.mode).toBe('multi-regional');
    expect(answer.reasons).toContain(
      'Media does not go past the platform: policy kept keeps media in the platform.',
    );
  });

  it('goes by a third region when the straight way is down or poor, and there only', () => {
    const legs = [leg('LE1', 'ie1'), leg('LE2', 'de1')];
    const down = [{ ...europe[0]!, up: false }, ...europe.slice(1)];
    const poor = [{ ...europe[0]!, poor: true }, ...europe.slice(1)];
    expect(ways(ask(world({ ie1: [], de1: [], us1: [] }, down), legs))?.[0]).toMatch(
      /^ie1\/gw1 > us1\/gw. > de1\/gw1$/,
    );
    expect(ways(ask(world({ ie1: [], de1: [], us1: [] }, poor), legs))?.[0]).toMatch(/^ie1\/gw1 > us1/);
    expect(ways(ask(world({ ie1: [], de1: [] }, poor), legs))).toEqual(['ie1/gw1 > de1/gw1']);
    const none = ask(world({ ie1: [], de1: [] }, down), legs);
    expect(none.reasons).toEqual([
      'No route that is up and has room joins the legs and the services that they need.',
    ]);
  });
});

it('goes by the gateway of a third region that has what is needed, not by the one with the least load', () => {
  const poor = [{ ...europe[0]!, poor: true }, ...europe.slice(1)];
  const network = world({ ie1: [], de1: [], us1: ['recording'] }, poor);
  const busy: Network = {
    ...network,
    regions: network.regions.map((region) => ({
      ...region,
      gateways: region.gateways.map((one) => (one.name === 'gw1' ? { ...one, legs: 100 } : one)),
    })),
  };
  const answer = ask(busy, [leg('LE1', 'ie1'), leg('LE2', 'de1')], [side]);
  expect(ways(answer)).toEqual(['ie1/gw1 > us1/gw1 > de1/gw1, copy us1/gw1 > us1/gw1']);
});

describe('a service', () => {
  it('that only another region has is taken from the best one, and from home when it appears there (S18)', () => {
    const legs = [leg('LE1', 'ie1'), leg('LE2', 'ie1')];
    const away = ask(world({ ie1: [], de1: ['recording'], us1: ['recording'] }, europe), legs, [side]);
    expect(ways(away)).toEqual(['ie1/gw1, copy ie1/gw1 > de1/gw1']);
    expect(away.chosen?.mode).toBe('multi-regional');
    const home = ask(world({ ie1: ['recording'], de1: ['recording'], us1: [] }, europe), legs, [side]);
    expect(home.chosen).toMatchObject({ mode: 'local', regions: ['ie1'] });
  });

  it('for one leg alone is its other end', () => {
    const say: Need = { service: 'speech', kind: 'endpoint', legId: 'LE1' };
    const answer = ask(
      world({ ie1: [], de1: ['speech'], us1: ['speech'] }, europe),
      [leg('LE1', 'ie1')],
      [say],
    );
    expect(ways(answer)).toEqual(['ie1/gw1 > de1/gw1 speech']);
  });

  it('behind a proxy counts with the way to where it is', () => {
    const proxied = world(
      { ie1: [{ name: 'recording', proxyOf: 'us1' }], de1: ['recording'], us1: ['recording'] },
      europe,
    );
    const legs = [leg('LE1', 'ie1'), leg('LE2', 'ie1')];
    expect(ways(ask(proxied, legs, [side]))).toEqual(['ie1/gw1, copy ie1/gw1 > de1/gw1']);
    const only = world(
      { ie1: [{ name: 'recording', proxyOf: 'us1' }], us1: [{ name: 'recording' }] },
      europe,
    );
    const answer = choosePath(
      { callSid: 'CA1', from: 'a', to: 'b', direction: 'inbound', time: 0, legs, needs: [side] },
      only,
      [{ name: 'no-america', prohibit: ['us1'] }],
    );
    expect(answer.chosen).toBeNull();
  });

  it('that is shared is in the one place that is best for all legs (S11)', () => {
    const mix: Need = { service: 'conference', kind: 'endpoint', shared: true };
    const network = world({ ie1: ['conference'], de1: ['conference'], us1: ['conference'] }, europe);
    const answer = ask(network, [leg('LE1', 'ie1'), leg('LE2', 'ie1'), leg('LE3', 'de1')], [mix]);
    expect(answer.chosen?.regions).toEqual(['de1', 'ie1']);
    const places = answer.chosen?.branches.map(({ nodes }) => nodes.at(-1)!.region);
    expect(new Set(places).size).toBe(1);
  });

  it('is missing everywhere: there is no path, and the answer names it', () => {
    const answer = ask(world({ ie1: [] }), [leg('LE1', 'ie1'), leg('LE2', 'ie1')], [side]);
    expect(answer).toMatchObject({ chosen: null, reasons: ['No region has recording.'] });
  });
});

describe('a call with many legs', () => {
  it('has a branch from the first leg to each other, each on its own', () => {
    const network = world({ ie1: [], de1: ['transcoding'], us1: ['transcoding'] }, europe);
    const answer = ask(network, [
      leg('LE1', 'ie1', { codecs: ['opus'] }),
      leg('LE2', 'de1'),
      leg('LE3', 'us1'),
    ]);
    expect(ways(answer)).toEqual(['ie1/gw1 > de1/gw1 transcoding', 'ie1/gw1 > us1/gw1 transcoding']);
    expect(answer.score).toMatchObject({ regions: 3, gateways: 4 });
  });

  it('takes each service from one place when a policy says so', () => {
    const network = world({ ie1: [], de1: ['recording'], us1: ['recording'] }, europe);
    const request: PathRequest = {
      callSid: 'CA1',
      from: 'a',
      to: 'b',
      direction: 'inbound',
      time: 0,
      needs: [side],
      legs: [leg('LE1', 'ie1'), leg('LE2', 'de1'), leg('LE3', 'us1')],
    };
    const recorders = (policies: Parameters<typeof choosePath>[2]) =>
      choosePath(request, network, policies).chosen?.branches.map(({ sides }) => sides[0]?.to.region);
    expect(recorders([])).toEqual(['de1', 'us1']);
    expect(new Set(recorders([{ name: 'one', branches: 'whole' }])).size).toBe(1);
  });
});

describe('what a path cannot be found for', () => {
  it.each([
    ['no legs', [], 'There is no leg.'],
    [
      'a gateway that is not known',
      [leg('LE1', 'fr1')],
      'Leg LE1 is in fr1/gw1, which the network does not have.',
    ],
    [
      'too many legs',
      Array.from({ length: 65 }, (_, index) => leg(`LE${index}`, 'ie1')),
      'There are 65 legs; one question may have 64.',
    ],
  ])('%s', (_, legs, reason) => {
    expect(ask(world({ ie1: [] }), legs)).toMatchObject({ chosen: null, reasons: [reason] });
  });
});

it('is kept in the call’s events with what it beat and what was known (P8)', () => {
  const network = world({ ie1: [], de1: ['transcoding'], us1: ['transcoding'] }, europe);
  const request: PathRequest = {
    callSid: 'CA1',
    from: 'a',
    to: 'b',
    direction: 'inbound',
    time: 0,
    needs: [],
    legs: [leg('LE1', 'ie1', { codecs: ['opus'] }), leg('LE2', 'ie1')],
  };
  const decision = recordDecision(choosePath(request, network, []), request, network);
  verifyEvent('CallLegPlaced', { legId: 'LE1', region: 'ie1', gateway: 'gw1', decision });
  expect(decision).toMatchObject({
    question: 'path',
    asked: 'a path for LE1 in ie1/gw1, LE2 in ie1/gw1',
    chosen: { choice: 'ie1/gw1 > de1/gw1 (transcoding) > ie1/gw1', regions: ['de1', 'ie1'] },
    alternatives: [{ choice: 'ie1/gw1 > us1/gw1 (transcoding) > ie1/gw1', regions: ['ie1', 'us1'] }],
    reasons: [
      'Media spans de1, ie1.',
      'The legs have no codec in common.',
      'It beats the next best by 117 ms with weights and load against 177 ms with weights and load.',
    ],
    measured: false,
    looked: {
      facts: [
        'gateway ie1/gw1: 0 of 1000 legs',
        'gateway de1/gw1: 0 of 1000 legs',
        'transcoding of de1/gw1: 0 of 1000 sessions',
        'route ie1 to de1: rtt 30 ms, jitter 0 ms, loss 0.00 %, as configured',
      ],
    },
  });
});
