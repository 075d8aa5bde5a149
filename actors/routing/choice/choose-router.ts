import type { Network } from '../network/index.ts';
import { NEARLY_FULL } from '../network/index.ts';
import type { Policy } from '../policy/index.ts';
import type { Alternative, RouterChoice, RouterRequest, RoutingAnswer } from '../question/index.ts';
import {
  at,
  compareScores,
  compile,
  emptyScore,
  hashText,
  rendezvous,
  type Score,
  showScore,
} from '../search/index.ts';
import { explainBeaten } from './explain.ts';

const MOST_ALTERNATIVES = 8;

/**
 * Which call router takes a call (P1): one of the nearest main region that is healthy and has room, in which the
 * calls are spread over the routers by their free capacity. A region that cannot reach the main region asks nobody:
 * it runs this with what it knows.
 */
export function chooseRouter(
  request: RouterRequest,
  network: Network,
  policies: readonly Policy[],
): RoutingAnswer<RouterChoice> {
  const { tables, book } = compile(network, policies);
  const rules = book.rulesFor(request, { from: [request.region], to: [] });
  const { regions, ways } = tables;
  const from = tables.regionOf.get(request.region);
  const key = hashText(request.callSid);
  const refused: Alternative<RouterChoice>[] = [];
  const weighed: { choice: RouterChoice; score: Score; way: number }[] = [];

  for (const { region, state, closed, hash } of tables.routers) {
    const choice = { region: regions[region]!.name, router: state.name };
    // A region that the network does not have is as far from one main region as from another.
    const way = (from ?? region) * regions.length + region;
    const why =
      rules.signalling.whyNot[region] ??
      (regions[region]!.healthy ? undefined : 'its region is not healthy') ??
      closed ??
      (ways.up[way] ? undefined : `its region cannot be reached from ${request.region}`);
    if (why) {
      refused.push({ choice, refused: why });
      continue;
    }
    const score = emptyScore();
    score[at.overload] = state.calls >= NEARLY_FULL * state.capacity ? 1 : 0;
    score[at.poor] = ways.poor[way]!;
    score[at.rank] = rules.signalling.rank?.[region] ?? 0;
    score[at.regions] = 1;
    score[at.latency] = ways.delay[way]!;
    score[at.distance] = ways.delay[way]! * (rules.factors?.[region] ?? 1);
    score[at.spread] = rendezvous(key, hash, state.capacity - state.calls);
    weighed.push({ choice, score, way });
  }
  weighed.sort((a, b) => compareScores(a.score, b.score, rules.places));
  const [best, ...others] = weighed;
  const none =
    refused.length === 0
      ? 'The network has no call router.'
      : `No call router can take it. ${refused
          .slice(0, MOST_ALTERNATIVES)
          .map(({ choice, refused: why }) => `${choice.region}/${choice.router}: ${why}`)
          .join('; ')}.`;
  return {
    question: 'router',
    chosen: best?.choice ?? null,
    score: best ? showScore(best.score) : null,
    alternatives: [
      ...others.slice(0, MOST_ALTERNATIVES).map(({ choice, score }) => ({ choice, score: showScore(score) })),
      ...refused,
    ].slice(0, MOST_ALTERNATIVES),
    reasons: best
      ? [
          `${best.choice.region} is the nearest main region with room to ${request.region}.`,
          ...explainBeaten(best.score, others[0]?.score, rules),
        ]
      : [none],
    policies: [...rules.policies],
    order: [...rules.order],
    measured: best ? ways.measured[best.way] === 1 : true,
  };
}
