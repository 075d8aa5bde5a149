import type { Network } from '../network/index.ts';
import { loadPenalty, NEARLY_FULL } from '../network/index.ts';
import type { Policy } from '../policy/index.ts';
import type { AdopterRequest, Alternative, GatewayChoice, RoutingAnswer } from '../question/index.ts';
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
 * Which gateway takes a leg whose own is gone: one of the same region that has its trunk and room, where other legs of
 * the call are rather than elsewhere. Of equals the call's sid decides, so that legs of one call stay together.
 */
export function chooseAdopter(
  request: AdopterRequest,
  network: Network,
  policies: readonly Policy[],
): RoutingAnswer<GatewayChoice> {
  const { leg, tried, near, trunk } = request;
  const { tables, book } = compile(network, policies);
  const rules = book.rulesFor(request, { from: [leg.region], to: [] });
  const region = tables.regionOf.get(leg.region);
  const prohibited = region === undefined ? undefined : rules.media.whyNot[region];
  const key = hashText(request.callSid);
  const refused: Alternative<GatewayChoice>[] = [];
  const weighed: { choice: GatewayChoice; score: Score }[] = [];

  for (const { region: index, state, closed, hash } of tables.gateways) {
    if (index !== region) continue;
    const is = (one: { region: string; gateway: string }): boolean =>
      one.region === leg.region && one.gateway === state.name;
    const own = state.trunks.find(({ name }) => name === trunk);
    const choice = { region: leg.region, gateway: state.name, trunks: own ? [own.name] : [] };
    const why =
      prohibited ??
      (tried.some(is) ? 'is gone, or would not take it' : undefined) ??
      closed ??
      (state.kinds.includes('sip') ? undefined : 'is no SIP gateway') ??
      (trunk === undefined || own ? undefined : `has no trunk ${trunk}`) ??
      (own && !own.up ? `does not reach ${own.name}` : undefined);
    if (why) {
      refused.push({ choice, refused: why });
      continue;
    }
    const score = emptyScore();
    score[at.overload] = state.legs >= NEARLY_FULL * state.capacity ? 1 : 0;
    score[at.regions] = 1;
    score[at.gateways] = near.length === 0 || near.some(is) ? 1 : 2;
    score[at.distance] = loadPenalty(state.legs, state.capacity);
    score[at.spread] = rendezvous(key, hash, state.capacity - state.legs);
    weighed.push({ choice, score });
  }
  weighed.sort((a, b) => compareScores(a.score, b.score, rules.places));
  const [best, ...others] = weighed;
  return {
    question: 'gateway',
    chosen: best?.choice ?? null,
    score: best ? showScore(best.score) : null,
    alternatives: [
      ...others.map(({ choice, score }) => ({ choice, score: showScore(score) })),
      ...refused,
    ].slice(0, MOST_ALTERNATIVES),
    reasons: best
      ? [
          `${leg.region}/${best.choice.gateway} takes the leg, whose own gateway ${leg.gateway} is gone.`,
          ...explainBeaten(best.score, others[0]?.score, rules),
        ]
      : [sayNone(leg.region, refused)],
    policies: [...rules.policies],
    order: [...rules.order],
    measured: true,
  };
}

function sayNone(region: string, refused: readonly Alternative<GatewayChoice>[]): string {
  const why = refused.map(({ choice, refused: said }) => `${choice.gateway} ${said}`);
  return why.length === 0
    ? `${region} has no gateways.`
    : `No other gateway of ${region} can take the leg: ${why.slice(0, MOST_ALTERNATIVES).join('; ')}.`;
}
