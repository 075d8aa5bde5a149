import type { Measure } from '../policy/index.ts';
import type { RoutingScore } from '../question/index.ts';
import { completeOrder } from '../search/index.ts';
import type { Rating } from './rate-path.ts';

/** How much better another path has to be before a live call moves to it; moving costs the listener a gap. */
export interface MoveMargins {
  /** Milliseconds of latency. */
  readonly latency: number;
  /** Of the latency, a share of the present one that has to be gained besides. */
  readonly latencyShare: number;
  /** Opinion score. */
  readonly quality: number;
  /** A share of the present cost. */
  readonly costShare: number;
  /** Milliseconds that a call stays where it is after a move. */
  readonly rest: number;
}

export const moveMargins: MoveMargins = {
  latency: 40,
  latencyShare: 0.2,
  quality: 0.3,
  costShare: 0.2,
  rest: 30_000,
};

export interface Move {
  readonly move: boolean;
  /** The call cannot stay where it is. */
  readonly must: boolean;
  readonly reason: string;
}

/**
 * Whether a live call should leave its path for a better one. A broken path is left at once. Otherwise the measures
 * are gone through in the policy's order: the first by which the paths differ by more than the margin decides, and
 * smaller differences neither move a call nor hold it. So two paths that take turns in being a little better do not
 * send a call to and fro.
 *
 * @param current what the present path is worth now, from `ratePath`
 * @param better the score of the best path now, from `choosePath`; null when there is none
 * @param sinceMove milliseconds since the call moved last
 */
export function shouldMove(
  current: Rating,
  better: RoutingScore | null,
  order: readonly string[],
  sinceMove = Number.POSITIVE_INFINITY,
  margins: MoveMargins = moveMargins,
): Move {
  if (current.broken !== undefined)
    return { move: better !== null, must: true, reason: `The path is broken: ${current.broken}.` };
  const stay = (reason: string): Move => ({ move: false, must: false, reason });
  if (!better) return stay('There is no other path.');
  if (sinceMove < margins.rest) return stay('The call moved a moment ago.');
  const { score } = current;
  if (better.poor !== score.poor)
    return better.poor < score.poor
      ? { move: true, must: false, reason: 'A route of the path has become poor.' }
      : stay('The other path takes a route that is poor.');
  if (better.rank !== score.rank)
    return better.rank < score.rank
      ? { move: true, must: false, reason: 'Regions that are preferred can be used now.' }
      : stay('The path uses regions that are preferred.');
  for (const measure of completeOrder(order as Measure[])) {
    const gain = gains[measure](score, better, margins);
    if (gain === 0) continue;
    return gain > 0
      ? { move: true, must: false, reason: `The other path is better by ${measure}.` }
      : stay(`The other path is worse by ${measure}.`);
  }
  return stay('The other path is no better by more than the margins.');
}

/** 1: better by more than the margin, -1: worse, 0: neither. */
type Gain = (now: RoutingScore, then: RoutingScore, margins: MoveMargins) => 1 | 0 | -1;
const gain = (difference: number, margin: number): 1 | 0 | -1 =>
  difference > margin ? 1 : difference < -margin ? -1 : 0;

const gains: Readonly<Record<Measure, Gain>> = {
  regions: (now, then) => gain(now.regions - then.regions, 0.001),
  latency: (now, then, { latency, latencyShare }) =>
    gain(now.distance - then.distance, Math.max(latency, latencyShare * now.distance)),
  quality: (now, then, margins) => gain(then.quality - now.quality, margins.quality),
  cost: (now, then, { costShare }) => gain(now.cost - then.cost, costShare * now.cost),
  'customer-cost': (now, then, { costShare }) =>
    gain(now.customerCost - then.customerCost, costShare * now.customerCost),
};
