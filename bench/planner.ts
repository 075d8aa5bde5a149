import { chooseGateway, choosePath, chooseRouter } from '@tandem/actors/routing/choice';
import type { Network } from '@tandem/actors/routing/network';
import { ENDPOINT_DELAY, PIPE_DELAY, serviceDelay } from '@tandem/actors/routing/network';
import type { Policy } from '@tandem/actors/routing/policy';
import type { PathRequest } from '@tandem/actors/routing/question';
import { planBranches } from '@tandem/actors/routing/search';
import { bestOfAll, compareByOrder, route } from '@tandem/actors/routing/testing/exhaustive.ts';
import type { Figure, Measurement } from './figure.ts';
import { type Call, publishedWorld, randomCall, randomNumbers, randomWorld } from './planner-worlds.ts';
import { nearest } from './statistics.ts';

const CALLS = 100_000;
/** Regions of the random worlds. */
const WORLDS = [5, 10, 15, 20, 25, 30];
const ROUNDS = 5;

const policies: readonly Policy[] = [
  { name: 'not-there', when: { accounts: ['AC1'] }, prohibit: ['tokyo'] },
  {
    name: 'night',
    when: { accounts: ['AC1'], hours: [{ zone: 'Europe/Dublin', from: '22:00', until: '06:00' }] },
    weights: [{ region: 'dallas', factor: 2 }],
  },
];

const makeCalls = (network: Network, count: number, seed: number): Call[] => {
  const random = randomNumbers(seed);
  return Array.from({ length: count }, (_, index) => randomCall(network, index, random));
};

/** Decisions per CPU-second: the median of some rounds, after one that warms up. */
function speed(calls: readonly Call[], decide: (call: Call) => unknown): number {
  const rounds = Array.from({ length: ROUNDS + 1 }, () => {
    const before = process.cpuUsage();
    for (const call of calls) decide(call);
    const { user, system } = process.cpuUsage(before);
    return calls.length / ((user + system) / 1e6);
  });
  return nearest(rounds.slice(1), 0.5);
}

function speeds(network: Network): Figure[] {
  const calls = makeCalls(network, 20_000, 1);
  const unit = 'decisions/CPU-s';
  const router = ({ router: request }: Call) => chooseRouter(request, network, policies);
  const gateway = ({ gateway: request }: Call) => chooseGateway(request, network, policies);
  const path = ({ path: request }: Call) => choosePath(request, network, policies);
  const turns = [router, gateway, path];
  let turn = 0;
  return [
    { name: 'routers', unit, value: speed(calls, router) },
    { name: 'gateways', unit, value: speed(calls, gateway) },
    { name: 'media paths', unit, value: speed(calls, path) },
    {
      name: 'all three in turn',
      unit,
      aim: { atLeast: 50_000 },
      value: speed(calls, (call) => turns[turn++ % turns.length]!(call)),
    },
  ];
}

/** The share of calls whose path is as good as the best of all paths. */
function optimal(network: Network, seed: number): number {
  const best = new Map<string, ReturnType<typeof bestOfAll>>();
  let equal = 0;
  for (const { path } of makeCalls(network, CALLS, seed)) {
    const [first, second] = path.legs;
    const key =
      [first, second].map((leg) => [leg!.region, leg!.gateway, leg!.codecs].join()).join() +
      path.needs.length;
    // What is best of all does not depend on the call's sid: once for all calls between the same places.
    if (!best.has(key))
      best.set(key, bestOfAll({ network, policies: [] }, planBranches(path.legs, path.needs), []));
    const optimum = best.get(key);
    const { score } = choosePath(path, network, []);
    if (score && optimum ? compareByOrder(score, optimum, []) === 0 : score === null && !optimum) equal += 1;
  }
  return equal / CALLS;
}

/** Mouth to ear when everything goes through one main region, by the same arithmetic. */
function hairpin(
  network: Network,
  main: string,
  { legs: [first, second] }: PathRequest,
  transcodes: boolean,
): number {
  const world = { network, policies: [] };
  const way = (region: string): number =>
    (region === main ? 0 : route(world, region, main).delay) + PIPE_DELAY;
  return (
    ENDPOINT_DELAY + way(first!.region) + way(second!.region) + (transcodes ? serviceDelay('transcoding') : 0)
  );
}

function delays(network: Network, main: string): Figure[] {
  const all: { here: number; there: number; apart: boolean }[] = [];
  for (const { path } of makeCalls(network, CALLS, 7)) {
    const { chosen } = choosePath(path, network, []);
    if (!chosen) continue;
    const [first, second] = path.legs;
    const transcodes = planBranches(path.legs, path.needs)[0]!.codec === undefined;
    all.push({
      here: chosen.branches[0]!.latency,
      there: hairpin(network, main, path, transcodes),
      apart: first!.region !== second!.region,
    });
  }
  const figures = (title: string, calls: typeof all): Figure[] =>
    [0.5, 0.9, 0.99].map((share) => {
      const [here, there] = [
        nearest(
          calls.map((call) => call.here),
          share,
        ),
        nearest(
          calls.map((call) => call.there),
          share,
        ),
      ];
      const against = { name: `hairpin through ${main}`, value: there, ratio: here / there };
      return { name: `mouth to ear, ${title}, p${share * 100}`, unit: 'ms', value: here, against };
    });
  return [
    ...figures('all calls', all),
    ...figures(
      'calls between regions',
      all.filter(({ apart }) => apart),
    ),
  ];
}

export const planner: Measurement = {
  name: 'planner',
  about: 'routing decisions: how many, how good, and the delay that they save',
  async measure(say) {
    const published = publishedWorld(randomNumbers(42));
    const figures: Figure[] = speeds(published);
    say('decisions counted');
    const unit = 'of 1';
    const worlds = [
      { title: 'ten published regions', network: published },
      ...WORLDS.map((count) => ({
        title: `${count} random regions`,
        network: randomWorld(count, randomNumbers(count)),
      })),
    ];
    for (const { title, network } of worlds) {
      figures.push({
        name: `best of all paths, ${title}`,
        unit,
        value: optimal(network, 3),
        aim: { atLeast: 1 },
      });
      say(`${title} compared`);
    }
    return [...figures, ...delays(published, 'dallas')];
  },
};
