import type { RoutingScore } from '@tandem/proto/generated/events.ts';
import { type Measure, measures } from '../policy/index.ts';

/**
 * A score while it is worked out: numbers by place, less is better of all. All only grow as a path gets longer,
 * which is what lets the search give a path up before it is complete.
 */
export const at = {
  overload: 0,
  prefixMiss: 1,
  poor: 2,
  rank: 3,
  regions: 4,
  distance: 5,
  side: 6,
  gateways: 7,
  badness: 8,
  cost: 9,
  customerCost: 10,
  spread: 11,
  /** Not compared. */
  latency: 12,
} as const;
export const SCORE_LENGTH = 13;

/** Longer than any prefix. */
const LONGEST_PREFIX = 64;
const BEST_QUALITY = 4.5;

export type Score = number[];

/** The score of a path that has not begun. */
export const emptyScore = (): Score => [0, LONGEST_PREFIX, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

export const prefixMiss = (digits: number): number => LONGEST_PREFIX - digits;
export const badnessOf = (mos: number): number => BEST_QUALITY - mos;

/** Differences below these do not count: what is measured is never exactly the same twice. */
export const steps = { latency: 5, quality: 0.1 } as const;
const stepOf = new Float64Array(SCORE_LENGTH);
stepOf[at.distance] = 1 / steps.latency;
stepOf[at.side] = 1 / steps.latency;
stepOf[at.badness] = 1 / steps.quality;

const placesOf: Readonly<Record<Measure, readonly number[]>> = {
  regions: [at.regions],
  latency: [at.distance, at.side, at.gateways],
  quality: [at.badness],
  cost: [at.cost],
  'customer-cost': [at.customerCost],
};

/** All measures, those that a policy names first. */
export const completeOrder = (first: readonly Measure[] = []): Measure[] => [
  ...new Set([...first, ...measures]),
];

/** The places of a score in the order in which they are compared. */
export const placesIn = (order: readonly Measure[]): Uint8Array =>
  Uint8Array.from([
    at.overload,
    at.prefixMiss,
    at.poor,
    at.rank,
    ...order.flatMap((measure) => placesOf[measure]),
    at.spread,
  ]);

/** The first place at which two scores differ by a step, or -1. */
export function firstDifference(a: Score, b: Score, places: Uint8Array): number {
  for (let index = 0; index < places.length; index++) {
    const place = places[index]!;
    if (stepped(a[place]!, place) !== stepped(b[place]!, place)) return place;
  }
  return -1;
}

/** Below 0 when `a` is better, above 0 when `b` is. */
export function compareScores(a: ArrayLike<number>, b: ArrayLike<number>, places: Uint8Array): number {
  for (let index = 0; index < places.length; index++) {
    const place = places[index]!;
    const difference = stepped(a[place]!, place) - stepped(b[place]!, place);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Sums of the same numbers in another order differ in their last digits; those do not count either. */
const EXACT = 1e9;

function stepped(value: number, place: number): number {
  if (place === at.spread) return value;
  const step = stepOf[place]!;
  return step === 0 ? Math.round(value * EXACT) : Math.floor(value * step + 1 / EXACT);
}

/** As it is kept and shown. */
export const showScore = (score: Score): RoutingScore => ({
  overload: score[at.overload]!,
  prefix: LONGEST_PREFIX - score[at.prefixMiss]!,
  poor: score[at.poor]!,
  rank: score[at.rank]!,
  regions: rounded(score[at.regions]!),
  latency: rounded(score[at.latency]!),
  distance: rounded(score[at.distance]!),
  side: rounded(score[at.side]!),
  gateways: score[at.gateways]!,
  quality: rounded(BEST_QUALITY - score[at.badness]!),
  cost: rounded(score[at.cost]!),
  customerCost: rounded(score[at.customerCost]!),
});

const rounded = (value: number): number => Math.round(value * 1e6) / 1e6;
