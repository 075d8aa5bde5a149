import type { GatewayId } from '../../names/index.ts';
import type { Network } from '../network/index.ts';
import type { Policy } from '../policy/index.ts';
import type { PathBranch, PathChoice, PathRequest, PathService, RoutingScore } from '../question/index.ts';
import type { Offer, Tables } from '../search/index.ts';
import { compile, DIRECT, freshState, hashText, type PathStep, showScore } from '../search/index.ts';
import { rulesForPath } from './choose-path.ts';

/** What a path in use is worth now, or why it cannot go on. */
export type Rating = { score: RoutingScore; broken?: undefined } | { broken: string };

/**
 * Weighs a path that a call already has, with the network as it is now. What it uses is its own: that something has
 * become full does not break it. A gateway, service or route that does not work does, and a region that policies
 * have closed to the call since.
 */
export function ratePath(
  path: PathChoice,
  request: PathRequest,
  network: Network,
  policies: readonly Policy[],
): Rating {
  const compiled = compile(network, policies);
  const { tables } = compiled;
  const rules = rulesForPath(request, compiled);
  for (const name of path.regions) {
    const region = tables.regionOf.get(name);
    if (region === undefined) return { broken: `region ${name} is gone` };
    const why = rules.media.whyNot[region];
    if (why) return { broken: why };
    if (!tables.regions[region]!.healthy) return { broken: `region ${name} is not healthy` };
  }
  const state = freshState(tables, rules, hashText(request.callSid));
  for (const [index, branch] of path.branches.entries()) {
    if (branch.mode === 'peer-to-peer') continue;
    const steps = stepsOf(branch, index, tables);
    if (typeof steps === 'string') return { broken: steps };
    state.begin(tables.gatewayOf.get(nameOf(branch.nodes[0]!))!);
    state.take(steps);
  }
  return { score: showScore(state.finished()) };
}

const nameOf = ({ region, gateway }: GatewayId): string => `${region}/${gateway}`;

/** A branch as steps, or what of it does not work. */
function stepsOf({ nodes, sides, legIds }: PathBranch, branch: number, tables: Tables): PathStep[] | string {
  const steps: PathStep[] = [];
  const go = (from: GatewayId, to: GatewayId, side: boolean): string | undefined => {
    const [a, b] = [tables.gatewayOf.get(nameOf(from)), tables.gatewayOf.get(nameOf(to))];
    for (const [index, name] of [
      [a, from],
      [b, to],
    ] as const)
      if (index === undefined || !tables.gateways[index]!.alive)
        return `gateway ${nameOf(name)} does not work`;
    const [ra, rb] = [tables.gateways[a!]!.region, tables.gateways[b!]!.region];
    if (!tables.ways.up[ra * tables.regions.length + rb])
      return `no packets pass from ${from.region} to ${to.region}`;
    if (a !== b) steps.push({ branch, from: a!, to: b!, via: DIRECT, slot: -1, there: 1, side });
    return undefined;
  };
  const use = (at: GatewayId, service: PathService, there: 1 | 2, side: boolean): string | undefined => {
    const gateway = tables.gatewayOf.get(nameOf(at))!;
    const offer = offerOf(gateway, service, tables);
    if (!offer) return `${service.service} of ${nameOf(at)} does not work`;
    steps.push({ branch, from: gateway, to: gateway, via: DIRECT, slot: -1, offer, there, side });
    return undefined;
  };

  for (const [index, node] of nodes.entries()) {
    const fault = go(nodes[index - 1] ?? node, node, false);
    if (fault) return fault;
    for (const [place, service] of node.services.entries()) {
      const last = index === nodes.length - 1 && place === node.services.length - 1 && legIds.length === 1;
      const lame = use(node, service, service.kind === 'endpoint' || last ? 1 : 2, false);
      if (lame) return lame;
    }
  }
  for (const { service, from, via, to } of sides) {
    const fault = (via && go(from, via, true)) ?? go(via ?? from, to, true) ?? use(to, service, 1, true);
    if (fault) return fault;
  }
  return steps;
}

function offerOf(gateway: number, { service, proxyOf }: PathService, tables: Tables): Offer | undefined {
  const instance = tables.instances.find(
    (one) => one.gateway === gateway && one.service === service && one.alive,
  );
  if (!instance || proxyOf === undefined) return instance && { instance, worker: instance };
  const home = tables.regionOf.get(proxyOf);
  const region = tables.gateways[gateway]!.region;
  if (home === undefined || !tables.ways.up[region * tables.regions.length + home]) return undefined;
  const worker = tables.instances.find(
    (one) =>
      one.service === service &&
      one.home === -1 &&
      one.alive &&
      tables.gateways[one.gateway]!.region === home,
  );
  return worker && { instance, worker };
}
