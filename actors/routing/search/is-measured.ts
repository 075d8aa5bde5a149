import { DIRECT, type PathStep } from './search-state.ts';
import type { Tables } from './tables.ts';

/** Whether every route that the steps take is known from live figures. */
export function isMeasured(steps: readonly PathStep[], { gateways, regions, ways }: Tables): boolean {
  const known = (a: number, b: number): boolean =>
    ways.measured[gateways[a]!.region * regions.length + gateways[b]!.region] === 1;
  return steps.every(({ from, to, via, offer }) => {
    const there = via === DIRECT ? known(from, to) : known(from, via) && known(via, to);
    return there && (!offer || known(offer.instance.gateway, offer.worker.gateway));
  });
}
