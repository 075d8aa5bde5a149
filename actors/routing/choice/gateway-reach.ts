import type { GatewayKind, TrunkState } from '../network/index.ts';
import type { Measure } from '../policy/index.ts';
import type { GatewayRequest } from '../question/index.ts';
import type { Tables } from '../search/index.ts';

export interface TrunkReach {
  readonly trunk: TrunkState;
  readonly prefix: number;
}

/** A gateway that could place a leg, with the trunks to try in order. */
export interface Reach {
  readonly gateway: number;
  /** How much of the number the best trunk names: characters. */
  readonly prefix: number;
  readonly trunks: readonly TrunkReach[];
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

/** By trunks: the longest prefix first. A number without + is compared with the same prefixes. */
function byNumber(number: string, { trunks, longestPrefix }: Tables): Reach[] {
  const up = new Map<number, { gateway: number; prefix: number; trunks: TrunkReach[] }>();
  const down = new Map<number, Reach>();
  for (let prefix = Math.min(number.length, longestPrefix); prefix >= 0; prefix--) {
    const here = trunks.get(number.slice(0, prefix));
    if (!here) continue;
    for (const { gateway, trunk } of here) {
      const known = up.get(gateway);
      if (!trunk.up) down.set(gateway, { gateway, prefix, trunks: [], closed: 'its trunks are down' });
      else if (!known) up.set(gateway, { gateway, prefix, trunks: [{ trunk, prefix }] });
      else if (known.trunks.every((one) => one.trunk !== trunk)) known.trunks.push({ trunk, prefix });
    }
  }
  for (const gateway of up.keys()) down.delete(gateway);
  return [...up.values(), ...down.values()];
}

/** The trunks of a gateway in the order in which they are to be tried: the longest prefix, then the cheapest. */
export function trunksInOrder({ trunks }: Reach, order: readonly Measure[]): readonly TrunkState[] {
  if (trunks.length < 2) return trunks.map(({ trunk }) => trunk);
  const customerFirst = order.indexOf('customer-cost') < order.indexOf('cost');
  return trunks
    .toSorted((a, b) => {
      const ours = a.trunk.cost - b.trunk.cost;
      const theirs = a.trunk.customerCost - b.trunk.customerCost;
      const money = customerFirst ? theirs || ours : ours || theirs;
      return b.prefix - a.prefix || money || (a.trunk.name < b.trunk.name ? -1 : 1);
    })
    .map(({ trunk }) => trunk);
}
