import type { PathNode } from '@tandem/proto/generated/events.ts';
import type { DemoDistance } from './demo-distance.ts';
import { LOCAL_REGIONS, type LocalRegion, MAIN_REGION } from './demo-places.ts';

/** A call of the demo: where its media went, and milliseconds from mouth to ear. */
export interface MeasuredCall {
  readonly from: LocalRegion;
  readonly to: LocalRegion;
  readonly path: readonly PathNode[];
  readonly delay: number;
}

/** What the delay would have been had media gone by the main region, as signalling does. */
export function hairpin({ from, to, delay }: MeasuredCall, { roundTrip }: DemoDistance): number {
  const direct = roundTrip(from.name, to.name) / 2;
  const main = MAIN_REGION.name;
  return delay - direct + (roundTrip(from.name, main) + roundTrip(main, to.name)) / 2;
}

const ms = (value: number): string => `${Math.round(value)} ms`;

const wayOf = (path: readonly PathNode[]): string =>
  path.map(({ region, gateway }) => `${region}/${gateway}`).join(' → ');

export function formatMeasured(call: MeasuredCall, distance: DemoDistance): string {
  const way = call.path.length > 1 ? `goes ${wayOf(call.path)}, encrypted` : `stays in ${wayOf(call.path)}`;
  return `◷  Media ${way}: ${ms(call.delay)} from mouth to ear. By ${MAIN_REGION.city} it would be ${ms(hairpin(call, distance))}.`;
}

/** How far the regions are from each other. */
export function formatDistances({ missing, roundTrip }: DemoDistance): string[] {
  if (missing) return [];
  const [one, other] = LOCAL_REGIONS;
  const pairs = [
    [one, other],
    [one, MAIN_REGION],
    [other, MAIN_REGION],
  ] as const;
  return pairs.map(
    ([a, b]) => `  Distance     ${a.city} – ${b.city}: ${roundTrip(a.name, b.name)} ms there and back`,
  );
}

/** All calls side by side. */
export function measuredTable(calls: readonly MeasuredCall[], distance: DemoDistance): string[] {
  const rows = calls.map((call) => [
    `${call.from.city} – ${call.to.city}`,
    wayOf(call.path),
    ms(call.delay),
    ms(hairpin(call, distance)),
  ]);
  const all = [['call', 'its media went', 'mouth to ear', `by ${MAIN_REGION.city}`], ...rows];
  const widths = all[0]!.map((_cell, column) => Math.max(...all.map((row) => row[column]!.length)));
  return all.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column]!)).join('   ')}`.trimEnd(),
  );
}
