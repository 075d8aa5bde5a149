/**
 * What changed between two states, by their names: `ringing → talking`, of parallel regions only those that did
 * (`media playing → idle`), and the state alone when none did.
 */
export function stateChange(from: string, to: string): string {
  if (from === to) return to;
  const [before, after] = [regionsOf(from), regionsOf(to)];
  if (!before || !after) return `${from} → ${to}`;
  return [...after]
    .filter(([region, state]) => before.get(region) !== state)
    .map(([region, state]) => `${region} ${before.get(region) ?? '-'} → ${state}`)
    .join(', ');
}

/** The states of parallel regions, by region; nothing when a state has none. */
function regionsOf(state: string): ReadonlyMap<string, string> | undefined {
  const regions = [...state.matchAll(/(\S+?):(\S+)/g)].map(([, region, inner]) => [region!, inner!] as const);
  return regions.length === 0 ? undefined : new Map(regions);
}
