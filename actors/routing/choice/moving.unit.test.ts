import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { judgeRoute, type RouteSample, unjudged } from '../network/judge-route.ts';
import { plannedNetwork } from '../network/static-network.ts';
import type { PathRequest, RoutingScore } from '../question/questions.ts';
import { networks, pathRequests, policies } from '../testing/worlds.ts';
import { choosePath } from './choose-path.ts';
import { ratePath } from './rate-path.ts';
import { moveMargins, shouldMove } from './should-move.ts';

const order = ['regions', 'latency', 'quality', 'cost', 'customer-cost'];
const score = (change: Partial<RoutingScore> = {}): RoutingScore => ({
  overload: 0,
  prefix: 0,
  poor: 0,
  rank: 0,
  regions: 2,
  latency: 100,
  distance: 100,
  side: 0,
  gateways: 2,
  quality: 4.2,
  cost: 1,
  customerCost: 1,
  ...change,
});

describe('shouldMove', () => {
  it.each<[string, Partial<RoutingScore>, boolean]>([
    ['the same', {}, false],
    ['fewer regions', { regions: 1 }, true],
    ['a little nearer', { distance: 70 }, false],
    ['much nearer', { distance: 55 }, true],
    ['nearer, by more regions', { distance: 40, regions: 3 }, false],
    ['heard better', { quality: 4.6 }, true],
    ['a little cheaper', { cost: 0.9 }, false],
    ['much cheaper', { cost: 0.5 }, true],
    ['by a poor route', { poor: 1, regions: 1 }, false],
  ])('%s', (_, change, move) => {
    expect(shouldMove({ score: score() }, score(change), order).move).toBe(move);
  });

  it('leaves a broken path at once, and a poor one', () => {
    expect(shouldMove({ broken: 'gateway ie1/gw1 does not work' }, score(), order, 0)).toMatchObject({
      move: true,
      must: true,
    });
    expect(shouldMove({ broken: 'gateway ie1/gw1 does not work' }, null, order)).toMatchObject({
      move: false,
      must: true,
    });
    expect(shouldMove({ score: score({ poor: 1 }) }, score({ regions: 3 }), order).move).toBe(true);
  });

  it('rests after a move', () => {
    expect(shouldMove({ score: score() }, score({ regions: 1 }), order, moveMargins.rest - 1).move).toBe(
      false,
    );
  });

  it('never has two paths beat each other', () => {
    const scores = fc
      .record({
        regions: fc.integer({ min: 1, max: 3 }),
        distance: fc.double({ min: 60, max: 400, noNaN: true }),
        quality: fc.double({ min: 1, max: 4.5, noNaN: true }),
        cost: fc.integer({ min: 0, max: 5 }),
        poor: fc.integer({ min: 0, max: 2 }),
      })
      .map(score);
    fc.assert(
      fc.property(scores, scores, (a, b) => {
        const there = shouldMove({ score: a }, b, order).move;
        const back = shouldMove({ score: b }, a, order).move;
        expect(there && back).toBe(false);
      }),
    );
  });
});

describe('ratePath', () => {
  it('gives a path that was just chosen the score that it was chosen with', () => {
    const worlds = networks(4, 3).chain((network) =>
      fc.record({ network: fc.constant(network), rules: policies, request: pathRequests(network, 3, 2) }),
    );
    fc.assert(
      fc.property(worlds, ({ network, rules, request }) => {
        const { chosen, score: given } = choosePath(request, network, rules);
        fc.pre(chosen !== null);
        const { spread: _, ...rated } = {
          spread: 0,
          ...(ratePath(chosen, request, network, rules) as { score: RoutingScore }).score,
        };
        for (const [key, value] of Object.entries(given!))
          expect(rated[key as keyof RoutingScore]).toBeCloseTo(value, 4);
      }),
      { numRuns: 500 },
    );
  });

  it('says what has broken', () => {
    const network = (change: { healthy?: boolean; up?: boolean }) =>
      plannedNetwork({
        regions: [
          { name: 'ie1', gateways: [{ name: 'gw1' }] },
          { name: 'de1', gateways: [{ name: 'gw1', healthy: change.healthy ?? true }] },
        ],
        routes: [{ from: 'ie1', to: 'de1', rtt: 30, up: change.up ?? true }],
      });
    const request: PathRequest = {
      callSid: 'CA1',
      from: 'a',
      to: 'b',
      direction: 'inbound',
      time: 0,
      needs: [],
      legs: ['ie1', 'de1'].map((region, index) => ({
        legId: `LE${index}`,
        region,
        gateway: 'gw1',
        mediaTypes: ['audio'],
        codecs: ['PCMU'],
      })),
    };
    const { chosen } = choosePath(request, network({}), []);
    expect(ratePath(chosen!, request, network({ healthy: false }), [])).toEqual({
      broken: 'gateway de1/gw1 does not work',
    });
    expect(ratePath(chosen!, request, network({ up: false }), [])).toEqual({
      broken: 'no packets pass from ie1 to de1',
    });
    expect(ratePath(chosen!, request, network({}), [{ name: 'no', prohibit: ['de1'] }])).toEqual({
      broken: 'policy no prohibits de1',
    });
  });
});

describe('judgeRoute', () => {
  const good: RouteSample = { rtt: 30, jitter: 1, loss: 0 };
  const bad: RouteSample = { rtt: 30, jitter: 1, loss: 0.1 };
  const edge: RouteSample = { ...good, mos: 3.65 };
  const after = (samples: readonly RouteSample[]) =>
    samples.reduce((verdict, sample) => judgeRoute(verdict, sample), unjudged);

  it('is poor after two bad samples, and good after five good ones', () => {
    expect(after([bad]).poor).toBe(false);
    expect(after([bad, good, bad]).poor).toBe(false);
    expect(after([bad, bad]).poor).toBe(true);
    expect(after([bad, bad, good, good, good, good]).poor).toBe(true);
    expect(after([bad, bad, good, good, good, good, good]).poor).toBe(false);
  });

  it('stays what it was in between', () => {
    expect(after(Array(20).fill(edge)).poor).toBe(false);
    expect(after([bad, bad, ...Array(20).fill(edge)]).poor).toBe(true);
  });
});
