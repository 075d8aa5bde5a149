import type { GatewayKind, TrunkState } from './network.ts';
import type { GatewayRequest } from './questions.ts';
import type { Tables } from './tables.ts';

/** A gateway that could place a leg, with the trunks to try in order. */
export interface Reach {
  readonly gateway: number;
  /** How much of the number the best trunk names: characters. */
  readonly prefix: number;
  readonly trunks: readonly TrunkState[];
  /** Why it cannot now, although it is configured for it. */
  readonly closed?: string;
}

/** The gateways that could place a leg to an endpoint, each once, in no order that means anything. */
export function reachableGateways(request: GatewayRequest, tables: Tables): Reach[] {
  const { to, candidates } = request;
  if (/^client:/i.test(to)) return candidates ? named(candidates, tables, 'client') : [];
  if (/^sips?:/i.test(to)) {
    if (candidates) return named(candidates, tables, 'sip');
    return tables.gateways.flatMap(({ state }, gateway) =>
      state.kinds.includes('sip') ? [{ gateway, prefix: 0, trunks: [] }] : [],
    );
  }
  const all = byNumber(to, tables);
  if (!candidates) return all;
  const wanted = new Set(
    candidates.map(({ region, gateway }) => tables.gatewayOf.get(`${region}/${gateway}`)),
  );
  return all.filter(({ gateway }) => wanted.has(gateway));
}

function named(
  candidates: NonNullable<GatewayRequest['candidates']>,
  tables: Tables,
  kind: GatewayKind,
): Reach[] {
  const indexes = candidates.map(({ region, gateway }) => tables.gatewayOf.get(`${region}/${gateway}`));
  return [...new Set(indexes)].flatMap((gateway) =>
    gateway !== undefined && tables.gateways[gateway]!.state.kinds.includes(kind)
      ? [{ gateway, prefix: 0, trunks: [] }]
      : [],
  );
}

/** By trunks: the longest prefix first, then the cheaper one. A number without + has the same prefixes. */
function byNumber(number: string, { trunks, longestPrefix }: Tables): Reach[] {
  const up = new Map<number, { prefix: number; trunks: TrunkState[] }>();
  const down = new Map<number, number>();
  for (let length = Math.min(number.length, longestPrefix); length >= 0; length--) {
    const here = trunks.get(number.slice(0, length));
    if (!here) continue;
    for (const { gateway, trunk } of here.length > 1 ? here.toSorted(byCost) : here) {
      const known = up.get(gateway);
      if (!trunk.up) down.set(gateway, length);
      else if (!known) up.set(gateway, { prefix: length, trunks: [trunk] });
      else if (!known.trunks.includes(trunk)) known.trunks.push(trunk);
    }
  }
  return [
    ...[...up].map(([gateway, reach]) => ({ gateway, ...reach })),
    ...[...down]
      .filter(([gateway]) => !up.has(gateway))
      .map(([gateway, prefix]) => ({ gateway, prefix, trunks: [], closed: 'its trunks are down' })),
  ];
}

const byCost = (a: { trunk: TrunkState }, b: { trunk: TrunkState }): number =>
  a.trunk.cost - b.trunk.cost || (a.trunk.name < b.trunk.name ? -1 : 1);
