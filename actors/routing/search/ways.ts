import type { RegionState, RouteState } from '../network/index.ts';
import { loadPenalty, UNKNOWN_RTT, wayDelay } from '../network/index.ts';

/** The ways between regions: numbers by `from * count + to`, the same in both directions. */
export interface Ways {
  readonly delay: Float64Array;
  readonly penalty: Float64Array;
  readonly loss: Float64Array;
  /** Measured opinion scores; 5 where there is none. */
  readonly mos: Float64Array;
  readonly cost: Float64Array;
  readonly free: Float64Array;
  readonly up: Uint8Array;
  readonly poor: Uint8Array;
  readonly measured: Uint8Array;
}

/** What is known of every way between two regions; of two directions, the worse counts. */
export function waysBetween(regions: readonly RegionState[], routes: readonly RouteState[]): Ways {
  const count = regions.length;
  const ways: Ways = {
    delay: new Float64Array(count * count),
    penalty: new Float64Array(count * count),
    loss: new Float64Array(count * count),
    mos: new Float64Array(count * count).fill(5),
    cost: new Float64Array(count * count),
    free: new Float64Array(count * count).fill(Number.POSITIVE_INFINITY),
    up: new Uint8Array(count * count).fill(1),
    poor: new Uint8Array(count * count),
    measured: new Uint8Array(count * count),
  };
  const known = new Map(routes.map((route) => [`${route.from}>${route.to}`, route]));
  for (let a = 0; a < count; a++)
    for (let b = 0; b < count; b++) {
      const way = a * count + b;
      if (a === b) {
        ways.measured[way] = 1;
        continue;
      }
      const there = known.get(`${regions[a]!.name}>${regions[b]!.name}`);
      const back = known.get(`${regions[b]!.name}>${regions[a]!.name}`);
      const both = [there, back].filter((route) => route !== undefined);
      if (both.length === 0) ways.delay[way] = wayDelay(UNKNOWN_RTT, 0);
      else writeWay(ways, way, both);
    }
  return ways;
}

function writeWay(ways: Ways, way: number, routes: readonly RouteState[]): void {
  const worst = (of: (route: RouteState) => number): number => Math.max(...routes.map(of));
  ways.delay[way] = worst(({ rtt, jitter }) => wayDelay(rtt, jitter));
  ways.penalty[way] = worst(({ load, capacity }) => loadPenalty(load, capacity));
  ways.loss[way] = worst(({ loss }) => loss);
  ways.mos[way] = -worst(({ mos = 5 }) => -mos);
  ways.cost[way] = worst(({ cost }) => cost);
  ways.free[way] = -worst(({ load, capacity }) => load - capacity);
  ways.up[way] = routes.every(({ up }) => up) ? 1 : 0;
  ways.poor[way] = routes.some(({ poor }) => poor) ? 1 : 0;
  ways.measured[way] = routes.every(({ measured }) => measured) ? 1 : 0;
}
