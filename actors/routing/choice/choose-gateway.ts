import type { Network, TrunkState } from '../network/index.ts';
import { ENDPOINT_DELAY, estimateMos, NEARLY_FULL } from '../network/index.ts';
import type { Policy } from '../policy/index.ts';
import type { Alternative, GatewayChoice, GatewayRequest, RoutingAnswer } from '../question/index.ts';
import type { Rules } from '../search/index.ts';
import {
  at,
  badnessOf,
  type Compiled,
  compareScores,
  compile,
  emptyScore,
  hashText,
  prefixMiss,
  rendezvous,
  type Score,
  showScore,
} from '../search/index.ts';
import { explainBeaten } from './explain.ts';
import { type Reach, reachableGateways, trunksInOrder } from './gateway-reach.ts';
import { type Joining, joiningScore } from './joining-score.ts';

const MOST_ALTERNATIVES = 8;

interface Weighed {
  readonly gateway: number;
  readonly trunks: readonly TrunkState[];
  readonly rules: Rules;
  readonly score: Score;
  readonly measured: boolean;
}

/**
 * Which gateway places a leg (P1). Towards a number: one with a working trunk for the longest part of it. Towards a
 * SIP URI: any SIP gateway. Towards a client: one of `candidates`. Of these, the one from which the path of media to
 * the leg that it is joined with is best by the order of measures, unless it is nearly full.
 */
export function chooseGateway(
  request: GatewayRequest,
  network: Network,
  policies: readonly Policy[],
): RoutingAnswer<GatewayChoice> {
  const compiled = compile(network, policies);
  const { tables, book } = compiled;
  const key = hashText(request.callSid);
  const from = request.near ? [request.near.region] : [];
  const general = book.dependsOnPlaces ? undefined : book.rulesFor(request, { from, to: [] });
  const weighed: Weighed[] = [];
  const refused: Alternative<GatewayChoice>[] = [];
  const refuse = ({ gateway }: Reach, why: string): void => {
    const choice = choiceOf({ gateway, trunks: [] }, compiled);
    if (refused.length < MOST_ALTERNATIVES) refused.push({ choice, refused: why });
  };

  const here = request.near && tables.regionOf.get(request.near.region);
  const whyNotNear = ({ media }: Rules): string | undefined =>
    here === undefined || !media.whyNot[here]
      ? undefined
      : `the other leg may not be where it is: ${media.whyNot[here]}`;
  const fault = nearFault(request, compiled);
  const reaches = fault ? [] : reachableGateways(request, tables);
  for (const reach of reaches) {
    const { region, closed } = tables.gateways[reach.gateway]!;
    const there = tables.regions[region]!.name;
    const rules = general ?? book.rulesFor(request, { from, to: [there] });
    const why = rules.media.whyNot[region] ?? whyNotNear(rules) ?? closed ?? reach.closed;
    if (why) {
      refuse(reach, why);
      continue;
    }
    const path = request.near
      ? joiningScore(request, reach.gateway, compiled, rules, key)
      : soleScore(region, compiled, rules);
    if (!path) {
      refuse(reach, 'media has no way between it and the other leg');
      continue;
    }
    const { gateway, prefix } = reach;
    const trunks = trunksInOrder(reach, rules.order);
    const score = addGateway(path.score, { gateway, prefix, trunk: trunks[0] }, compiled, key);
    weighed.push({ gateway, trunks, rules, score, measured: path.measured });
  }
  // Each is compared by its own rules’ order; where rules depend on places, that of the most specific ones counts.
  const judge = weighed.reduce<Rules | undefined>(
    (best, { rules }) => (!best || rules.policies.length > best.policies.length ? rules : best),
    general,
  );
  const rules = judge ?? book.rulesFor(request, { from, to: [] });
  weighed.sort((a, b) => compareScores(a.score, b.score, rules.places));
  const [best, ...others] = weighed;
  const alternatives = others
    .slice(0, MOST_ALTERNATIVES)
    .map((one) => ({ choice: choiceOf(one, compiled), score: showScore(one.score) }));
  return {
    question: 'gateway',
    chosen: best ? choiceOf(best, compiled) : null,
    score: best ? showScore(best.score) : null,
    alternatives: [...alternatives, ...refused].slice(0, MOST_ALTERNATIVES),
    reasons: best
      ? [sayChosen(request, best, compiled), ...explainBeaten(best.score, others[0]?.score, rules)]
      : [fault ?? sayNone(request, refused)],
    policies: [...(best?.rules ?? rules).policies],
    order: [...rules.order],
    measured: best?.measured ?? true,
  };
}

function nearFault({ near }: GatewayRequest, { tables }: Compiled): string | undefined {
  if (!near) return undefined;
  const index = tables.gatewayOf.get(`${near.region}/${near.gateway}`);
  const name = `The other leg is in ${near.region}/${near.gateway}, which`;
  if (index === undefined) return `${name} the network does not have.`;
  return tables.gateways[index]!.alive ? undefined : `${name} is not healthy.`;
}

const choiceOf = (
  { gateway, trunks }: Pick<Weighed, 'gateway' | 'trunks'>,
  { tables }: Compiled,
): GatewayChoice => ({
  region: tables.regions[tables.gateways[gateway]!.region]!.name,
  gateway: tables.gateways[gateway]!.state.name,
  trunks: trunks.map(({ name }) => name),
});

/** Of a leg that is joined with no other. */
function soleScore(region: number, { tables }: Compiled, rules: Rules): Joining {
  const score = emptyScore();
  score[at.regions] = rules.factors?.[region] ?? 1;
  score[at.rank] = rules.media.rank?.[region] ?? 0;
  score[at.latency] = ENDPOINT_DELAY;
  score[at.distance] = ENDPOINT_DELAY;
  score[at.gateways] = 1;
  score[at.badness] = badnessOf(estimateMos(ENDPOINT_DELAY, 0));
  score[at.cost] = tables.regions[region]!.cost;
  return { score, measured: true };
}

function addGateway(
  path: Score,
  { gateway, prefix, trunk }: { gateway: number; prefix: number; trunk: TrunkState | undefined },
  { tables }: Compiled,
  key: number,
): Score {
  const score = path.slice();
  const { state, penalty, hash } = tables.gateways[gateway]!;
  score[at.overload] = state.legs >= NEARLY_FULL * state.capacity ? 1 : 0;
  score[at.prefixMiss] = prefixMiss(prefix);
  score[at.distance]! += penalty;
  score[at.cost]! += trunk?.cost ?? 0;
  score[at.customerCost]! += trunk?.customerCost ?? 0;
  score[at.spread]! += rendezvous(key, hash, state.capacity - state.legs);
  return score;
}

function sayChosen({ near, to }: GatewayRequest, best: Weighed, compiled: Compiled): string {
  const { region, gateway, trunks } = choiceOf(best, compiled);
  const over = trunks[0] === undefined ? '' : ` over ${trunks[0]}`;
  const beside =
    near === undefined
      ? ''
      : near.region !== region
        ? ` for the leg in ${near.region}`
        : near.gateway === gateway
          ? ', the other leg’s own gateway'
          : ', the other leg’s region';
  return `${to} is called from ${region}/${gateway}${over}${beside}.`;
}

function sayNone({ to, candidates }: GatewayRequest, refused: readonly Alternative<GatewayChoice>[]): string {
  if (refused.length === 0)
    return candidates ? `None of the gateways asked for is there.` : `No gateway has a way to ${to}.`;
  const why = refused.map(({ choice, refused: said }) => `${choice.region}/${choice.gateway}: ${said}`);
  return `No gateway can call ${to}. ${why.join('; ')}.`;
}
