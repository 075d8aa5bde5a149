import type { PathRequest } from '../question/index.ts';
import type { Compiled, Rules } from '../search/index.ts';
import { at, firstDifference, planBranches, type Score, showScore } from '../search/index.ts';

const round = (value: number): string => String(Math.round(value * 100) / 100);

/** How a place of a score is said: its value, and what it is called. */
const sayings: Readonly<Record<number, (score: ReturnType<typeof showScore>) => string>> = {
  [at.overload]: ({ overload }) => (overload ? 'nearly full' : 'not nearly full'),
  [at.prefixMiss]: ({ prefix }) => `a trunk for ${prefix} digits of the number`,
  [at.poor]: ({ poor }) => `${poor} poor routes`,
  [at.rank]: ({ rank }) => `place ${rank} among the preferred regions`,
  [at.regions]: ({ regions }) => `${round(regions)} regions`,
  [at.distance]: ({ distance }) => `${round(distance)} ms with weights and load`,
  [at.side]: ({ side }) => `${round(side)} ms to services that get a copy`,
  [at.gateways]: ({ gateways }) => `${gateways} gateways`,
  [at.badness]: ({ quality }) => `an opinion score of ${round(quality)}`,
  [at.cost]: ({ cost }) => `a cost of ${cost} a minute`,
  [at.customerCost]: ({ customerCost }) => `a cost of ${customerCost} a minute to the customer`,
};

/** What it was better by than the next best. */
export function explainBeaten(chosen: Score, next: Score | undefined, { places }: Rules): string[] {
  if (!next) return [];
  const place = firstDifference(chosen, next, places);
  const say = sayings[place];
  if (!say) return ['The next best is its equal; the call’s sid decides between them by their room.'];
  return [`It beats the next best by ${say(showScore(chosen))} against ${say(showScore(next))}.`];
}

/** Why there is no path: a leg that may not be where it is, a service that nobody has, or no route. */
export function explainNoPath(request: PathRequest, { tables }: Compiled, rules: Rules): string[] {
  const reasons: string[] = [];
  for (const { legId, region } of request.legs) {
    const index = tables.regionOf.get(region)!;
    const why = rules.media.whyNot[index];
    if (why) reasons.push(`Leg ${legId} is in ${region}, and ${why}.`);
  }
  const services = new Set(
    planBranches(request.legs, request.needs).flatMap(({ end, passes, sides }) =>
      [...(end ? [end] : []), ...passes, ...sides].map(({ service }) => service),
    ),
  );
  for (const service of services) {
    const all = tables.instances.filter((one) => one.service === service);
    const why = all.map((one) => {
      const region = tables.gateways[one.gateway]!.region;
      const { name } = tables.regions[region]!;
      if (rules.media.whyNot[region]) return rules.media.whyNot[region];
      if (one.free === 0) return `that of ${name} is full or not healthy`;
      if (one.home !== -1 && rules.media.whyNot[one.home]) return rules.media.whyNot[one.home];
      return undefined;
    });
    if (all.length === 0) reasons.push(`No region has ${service}.`);
    else if (why.every((one) => one !== undefined))
      reasons.push(`No ${service} can be used: ${[...new Set(why)].slice(0, 8).join('; ')}.`);
  }
  return reasons.length > 0
    ? reasons
    : ['No route that is up and has room joins the legs and the services that they need.'];
}
