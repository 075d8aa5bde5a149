import { ENDPOINT_DELAY, NEARLY_FULL } from './delays.ts';
import { explainBeaten } from './explain.ts';
import { type Reach, reachableGateways } from './gateway-reach.ts';
import { isMeasured } from './is-measured.ts';
import type { Network } from './network.ts';
import { PathSearch } from './path-search.ts';
import { planBranches, tasksOf } from './path-tasks.ts';
import { type Compiled, compile } from './planner.ts';
import type { Policy } from './policy.ts';
import { estimateMos } from './quality.ts';
import type { Alternative, Answer, GatewayChoice, GatewayRequest, PathLeg } from './questions.ts';
import { hashText, rendezvous } from './rendezvous.ts';
import type { Rules } from './rules.ts';
import { at, badnessOf, compareScores, emptyScore, prefixMiss, type Score, showScore } from './score.ts';

const MOST_ALTERNATIVES = 8;

interface Weighed {
  readonly reach: Reach;
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
): Answer<GatewayChoice> {
  const compiled = compile(network, policies);
  const { tables, book } = compiled;
  const key = hashText(request.callSid);
  const from = request.near ? [request.near.region] : [];
  const general = book.dependsOnPlaces ? undefined : book.rulesFor(request, { from, to: [] });
  const weighed: Weighed[] = [];
  const refused: Alternative<GatewayChoice>[] = [];
  const refuse = (reach: Reach, why: string): void => {
    if (refused.length < MOST_ALTERNATIVES) refused.push({ choice: choiceOf(reach, compiled), refused: why });
  };

  const fault = nearFault(request, compiled);
  const reaches = fault ? [] : reachableGateways(request, tables);
  for (const reach of reaches) {
    const { region, closed } = tables.gateways[reach.gateway]!;
    const there = tables.regions[region]!.name;
    const rules = general ?? book.rulesFor(request, { from, to: [there] });
    const why = rules.media.whyNot[region] ?? closed ?? reach.closed;
    if (why) {
      refuse(reach, why);
      continue;
    }
    const path = request.near
      ? pathScore(request, reach, compiled, rules, key)
      : soleScore(region, compiled, rules);
    if (!path) {
      refuse(reach, 'media has no way between it and the other leg');
      continue;
    }
    weighed.push({
      reach,
      rules,
      score: addGateway(path.score, reach, compiled, key),
      measured: path.measured,
    });
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
    .map(({ reach, score }) => ({ choice: choiceOf(reach, compiled), score: showScore(score) }));
  return {
    question: 'gateway',
    chosen: best ? choiceOf(best.reach, compiled) : null,
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

const choiceOf = ({ gateway, trunks }: Reach, { tables }: Compiled): GatewayChoice => ({
  region: tables.regions[tables.gateways[gateway]!.region]!.name,
  gateway: tables.gateways[gateway]!.state.name,
  trunks: trunks.map(({ name }) => name),
});

/** The best path of media between the other leg and one that this gateway would place. */
function pathScore(
  { near, needs = [], codecs }: GatewayRequest,
  { gateway }: Reach,
  { tables }: Compiled,
  rules: Rules,
  key: number,
): { score: Score; measured: boolean } | undefined {
  const { region, state } = tables.gateways[gateway]!;
  const there = tables.regions[region]!.name;
  const legs: PathLeg[] = [
    { ...near!, legId: near!.legId ?? 'near', mediaTypes: [], codecs: near!.codecs ?? [] },
    { region: there, gateway: state.name, legId: 'new', mediaTypes: [], codecs: codecs ?? state.codecs },
  ];
  const plans = planBranches(legs, needs);
  const gatewayOf = (leg: PathLeg): number =>
    leg === legs[1] ? gateway : tables.gatewayOf.get(`${leg.region}/${leg.gateway}`)!;
  const tasks = tasksOf(plans, gatewayOf, true);
  const [found] = new PathSearch(tables, rules, { key, keep: 1, ...tasks }).run();
  if (!found) return undefined;
  return { score: found.score, measured: isMeasured(found.steps, tables) };
}

/** Of a leg that is joined with no other. */
function soleScore(region: number, { tables }: Compiled, rules: Rules): { score: Score; measured: boolean } {
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
  { gateway, prefix, trunks }: Reach,
  { tables }: Compiled,
  key: number,
): Score {
  const score = path.slice();
  const { state, penalty, hash } = tables.gateways[gateway]!;
  const [trunk] = trunks;
  score[at.overload] = state.legs >= NEARLY_FULL * state.capacity ? 1 : 0;
  score[at.prefixMiss] = prefixMiss(prefix);
  score[at.distance]! += penalty;
  score[at.cost]! += trunk?.cost ?? 0;
  score[at.customerCost]! += trunk?.customerCost ?? 0;
  score[at.spread]! += rendezvous(key, hash, state.capacity - state.legs);
  return score;
}

function sayChosen({ near, to }: GatewayRequest, { reach }: Weighed, compiled: Compiled): string {
  const { region, gateway, trunks } = choiceOf(reach, compiled);
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
