import type { RoutingChoice, RoutingDecision } from '@tandem/proto/generated/events.ts';
import type { GatewayId } from '../../names/index.ts';
import type { Network } from '../network/index.ts';
import type {
  AdopterRequest,
  GatewayChoice,
  GatewayRequest,
  PathBranch,
  PathChoice,
  PathRequest,
  PathService,
  RouterChoice,
  RouterRequest,
  RoutingAnswer,
  RoutingScore,
} from './questions.ts';

type Choice = RouterChoice | GatewayChoice | PathChoice;
type Request = RouterRequest | GatewayRequest | AdopterRequest | PathRequest;

/** Facts that one record holds at most. */
const MOST_FACTS = 24;

/**
 * A decision as it is kept in the call's events (P8): what was asked, chosen and beaten, why, and what was known of
 * the network. Whichever instance had been asked with the same network and policies would have decided the same.
 */
export function recordDecision(
  answer: RoutingAnswer<Choice>,
  request: Request,
  network: Network,
): RoutingDecision {
  const { question, chosen, score, alternatives, reasons, policies, order, measured } = answer;
  return {
    question,
    asked: sayRequest(request),
    ...(chosen && { chosen: recordChoice(chosen, score ?? undefined) }),
    alternatives: alternatives.map((one) => recordChoice(one.choice, one.score, one.refused)),
    reasons,
    policies,
    order,
    measured,
    looked: {
      regions: network.regions.length,
      gateways: network.regions.reduce((sum, { gateways }) => sum + gateways.length, 0),
      routes: network.routes.length,
      measuredRoutes: network.routes.filter((route) => route.measured).length,
      facts: chosen ? factsOf(chosen, network).slice(0, MOST_FACTS) : [],
    },
  };
}

function recordChoice(choice: Choice, score?: RoutingScore, refused?: string): RoutingChoice {
  const regions = 'branches' in choice ? choice.regions : [choice.region];
  return { choice: formatChoice(choice), regions, ...(score && { score }), ...(refused && { refused }) };
}

/** A choice in one line. */
export function formatChoice(choice: Choice): string {
  if ('router' in choice) return `${choice.region}/${choice.router}`;
  if (!('branches' in choice))
    return `${choice.region}/${choice.gateway}${choice.trunks.length > 0 ? ` over ${choice.trunks.join(', ')}` : ''}`;
  return choice.branches.map(sayBranch).join('; ');
}

function sayBranch({ mode, legIds, nodes, sides }: PathBranch): string {
  if (mode === 'peer-to-peer') return `${legIds.join(' and ')} peer-to-peer`;
  const way = nodes.map((node) => sayPlace(node, node.services)).join(' > ');
  const copies = sides.map(
    ({ service, via, to }) => `${via ? `${sayPlace(via)} > ` : ''}${sayPlace(to, [service])}`,
  );
  return [way, ...copies.map((copy) => `copy to ${copy}`)].join(', ');
}

const sayPlace = ({ region, gateway }: GatewayId, services: readonly PathService[] = []): string => {
  const said = services.map(({ service, proxyOf }) => service + (proxyOf ? `, proxy of ${proxyOf}` : ''));
  return `${region}/${gateway}${said.length > 0 ? ` (${said.join('; ')})` : ''}`;
};

function sayRequest(request: Request): string {
  if ('legs' in request) {
    const legs = request.legs.map(({ legId, region, gateway }) => `${legId} in ${region}/${gateway}`);
    const needs = request.needs.map(
      ({ service, kind, legId }) => `${service} (${kind}${legId ? ` for ${legId}` : ''})`,
    );
    return `a path for ${legs.join(', ')}${needs.length > 0 ? ` with ${needs.join(', ')}` : ''}`;
  }
  if ('leg' in request) return `a gateway to take ${request.leg.legId} from ${sayPlace(request.leg)}`;
  if ('region' in request) return `a call router for a call in ${request.region}`;
  const { to, near } = request;
  return `a gateway to call ${to}${near ? ` near ${near.region}/${near.gateway}` : ''}`;
}

/** What was known of everything that a choice uses. */
function factsOf(choice: Choice, network: Network): string[] {
  if ('router' in choice) {
    const region = network.regions.find(({ name }) => name === choice.region);
    const router = region?.routers.find(({ name }) => name === choice.router);
    return router ? [`router ${formatChoice(choice)}: ${router.calls} of ${router.capacity} calls`] : [];
  }
  if (!('branches' in choice)) return gatewayFacts([choice], network);
  const nodes = choice.branches.flatMap(({ nodes: some, sides }) => [...some, ...sides.map(({ to }) => to)]);
  return [
    ...gatewayFacts(nodes, network),
    ...choice.branches.flatMap((branch) => serviceFacts(branch, network)),
    ...routeFacts(choice, network),
  ];
}

function gatewayFacts(names: readonly GatewayId[], network: Network): string[] {
  const facts = names.map(({ region, gateway }) => {
    const states = network.regions.find(({ name }) => name === region)?.gateways;
    const state = states?.find(({ name }) => name === gateway);
    return `gateway ${region}/${gateway}: ${state?.legs} of ${state?.capacity} legs`;
  });
  return [...new Set(facts)];
}

function serviceFacts({ nodes, sides }: PathBranch, network: Network): string[] {
  const used = [
    ...nodes.flatMap((node) => node.services.map(({ service }) => ({ service, at: node }))),
    ...sides.map(({ service: { service }, to }) => ({ service, at: to })),
  ];
  return used.map(({ service, at: { region, gateway } }) => {
    const states = network.regions.find(({ name }) => name === region)?.services;
    const state = states?.find((one) => one.name === service && one.gateway === gateway);
    return `${service} of ${region}/${gateway}: ${state?.load} of ${state?.capacity} sessions`;
  });
}

function routeFacts({ branches }: PathChoice, { routes }: Network): string[] {
  const pairs = branches.flatMap(({ nodes, sides }) => [
    ...nodes.slice(1).map((node, index) => [nodes[index]!.region, node.region] as const),
    ...sides.map(({ from, via, to }) => [(via ?? from).region, to.region] as const),
    ...sides.flatMap(({ from, via }) => (via ? [[from.region, via.region] as const] : [])),
    ...[...nodes, ...sides.map(({ service, to }) => ({ ...to, services: [service] }))].flatMap((node) =>
      node.services.flatMap(({ proxyOf }) => (proxyOf ? [[node.region, proxyOf] as const] : [])),
    ),
  ]);
  const facts = pairs
    .filter(([a, b]) => a !== b)
    .flatMap(([a, b]) => {
      const both = routes.filter(({ from, to }) => (from === a && to === b) || (from === b && to === a));
      return both.length === 0
        ? [`route ${a} to ${b}: nothing is known of it`]
        : both.map(
            ({ from, to, rtt, jitter, loss, measured }) =>
              `route ${from} to ${to}: rtt ${rtt} ms, jitter ${jitter} ms, loss ${(100 * loss).toFixed(2)} %, ${measured ? 'measured' : 'as configured'}`,
          );
    });
  return [...new Set(facts)];
}
