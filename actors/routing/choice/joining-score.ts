import type { GatewayRequest, PathLeg } from '../question/index.ts';
import type { Compiled, Rules, Score, Tables } from '../search/index.ts';
import { commonCodec, isMeasured, PathSearch, planBranches, tasksOf } from '../search/index.ts';

export interface Joining {
  readonly score: Score;
  readonly measured: boolean;
}

/** Ways between two gateways that are remembered for one network; more than a network of 100 gateways has. */
const MOST_REMEMBERED = 20_000;
const remembered = new WeakMap<Tables, { count: number; byRules: Map<Rules, Map<number, Joining | null>> }>();

/** The score of the best path of media between the other leg and one that a gateway would place; null: none. */
export function joiningScore(
  request: GatewayRequest,
  gateway: number,
  compiled: Compiled,
  rules: Rules,
  key: number,
): Joining | null {
  const { tables } = compiled;
  const legs = legsOf(request, gateway, tables);
  const needs = request.needs ?? [];
  const search = (): Joining | null => {
    const plans = planBranches(legs, needs);
    const gatewayOf = (leg: PathLeg): number => tables.gatewayOf.get(`${leg.region}/${leg.gateway}`)!;
    const tasks = tasksOf(plans, gatewayOf, true);
    const [found] = new PathSearch(tables, rules, { key, keep: 1, ...tasks }).run();
    return found ? { score: found.score, measured: isMeasured(found.steps, tables) } : null;
  };
  const bare = needs.length === 0 && commonCodec(legs) !== undefined;
  // With services the call's sid decides between equals; without them the way is the same for every call.
  return bare ? remember(request, gateway, tables, rules, search) : search();
}

function remember(
  { near }: GatewayRequest,
  gateway: number,
  tables: Tables,
  rules: Rules,
  search: () => Joining | null,
): Joining | null {
  const memory = remembered.get(tables) ?? { count: 0, byRules: new Map() };
  if (memory.count === 0) remembered.set(tables, memory);
  let ways = memory.byRules.get(rules);
  if (!ways) {
    ways = new Map();
    memory.byRules.set(rules, ways);
  }
  const pair = tables.gatewayOf.get(`${near!.region}/${near!.gateway}`)! * tables.gateways.length + gateway;
  const known = ways.get(pair);
  if (known !== undefined) return known;
  if (memory.count >= MOST_REMEMBERED) {
    memory.byRules.clear();
    memory.count = 0;
  }
  const joining = search();
  ways.set(pair, joining);
  memory.count += 1;
  return joining;
}

function legsOf({ near, codecs }: GatewayRequest, gateway: number, tables: Tables): PathLeg[] {
  const { region, state } = tables.gateways[gateway]!;
  return [
    { ...near!, legId: near!.legId ?? 'near', mediaTypes: [], codecs: near!.codecs ?? [] },
    {
      region: tables.regions[region]!.name,
      gateway: state.name,
      legId: 'new',
      mediaTypes: [],
      codecs: codecs ?? state.codecs,
    },
  ];
}
