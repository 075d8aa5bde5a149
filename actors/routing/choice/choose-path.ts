import type { Network } from '../network/index.ts';
import type { Policy } from '../policy/index.ts';
import type { Alternative, PathChoice, PathLeg, PathRequest, RoutingAnswer } from '../question/index.ts';
import type { Places, Rules } from '../search/index.ts';
import {
  type BranchPlan,
  type Compiled,
  compile,
  type Found,
  freshState,
  hashText,
  isMeasured,
  PathSearch,
  type PathStep,
  planBranches,
  type Score,
  showPath,
  showScore,
  tasksOf,
} from '../search/index.ts';
import { explainBeaten, explainNoPath } from './explain.ts';

/** Those that an answer names besides the chosen one. */
export const MOST_ALTERNATIVES = 8;
/** Legs and needs that one question may have. */
export const MOST_LEGS = 64;
export const MOST_NEEDS = 8;

/**
 * Which way the media of a call’s legs takes (P1). The best path by the order of measures that the policies give, and
 * exactly that: every path is weighed. A prohibited region is never on it, nothing is used past its capacity, and
 * when there is no path left the answer says why. Up to `MOST_LEGS` legs and `MOST_NEEDS` needs.
 */
export function choosePath(
  request: PathRequest,
  network: Network,
  policies: readonly Policy[],
): RoutingAnswer<PathChoice> {
  const compiled = compile(network, policies);
  const rules = rulesForPath(request, compiled);
  const plans = planBranches(request.legs, request.needs);
  const fault = faultIn(request, compiled);
  if (fault) return none(rules, [fault]);

  const relayed = plans.map((plan) => !goesPast(plan, request, rules));
  const searched = search(request, compiled, rules, plans, relayed);
  if (!searched) return none(rules, explainNoPath(request, compiled, rules));
  const path = showPath(searched.best.steps, plans, relayed, compiled.tables);
  const alternatives = searched.others.map(
    ({ score, steps, only }): Alternative<PathChoice> => ({
      choice: showPath(steps, plans, relayed, compiled.tables, only),
      score: showScore(score),
    }),
  );
  return {
    question: 'path',
    chosen: path,
    score: showScore(searched.best.score),
    alternatives,
    reasons: [
      ...reasonsFor(path, plans, rules),
      ...explainBeaten(searched.best.score, searched.others[0]?.score, rules),
      ...(searched.cutShort
        ? ['The search was cut short: the call has too many branches and needs to weigh all paths.']
        : []),
    ],
    policies: [...rules.policies],
    order: [...rules.order],
    measured: isMeasured(searched.best.steps, compiled.tables),
  };
}

/** The policies that apply to a question about a path: the first leg calls, the others are called. */
export function rulesForPath(request: PathRequest, { book }: Compiled): Rules {
  return book.rulesFor(request, placesOf(request));
}

export function placesOf({ legs: [first, ...others] }: PathRequest): Places {
  return { from: first ? [first.region] : [], to: others.map(({ region }) => region) };
}

function faultIn({ legs, needs }: PathRequest, { tables }: Compiled): string | undefined {
  if (legs.length === 0) return 'There is no leg.';
  if (legs.length > MOST_LEGS) return `There are ${legs.length} legs; one question may have ${MOST_LEGS}.`;
  if (needs.length > MOST_NEEDS)
    return `There are ${needs.length} needs; one question may have ${MOST_NEEDS}.`;
  for (const { legId, region, gateway } of legs) {
    const index = tables.gatewayOf.get(`${region}/${gateway}`);
    if (index === undefined)
      return `Leg ${legId} is in ${region}/${gateway}, which the network does not have.`;
    if (!tables.gateways[index]!.alive)
      return `Leg ${legId} is in ${region}/${gateway}, which is not healthy.`;
  }
  return undefined;
}

/** Whether the media of a branch may and can go past the platform. */
function goesPast(
  { legs, end, passes, sides, codec }: BranchPlan,
  { needs }: PathRequest,
  rules: Rules,
): boolean {
  const [first, second] = legs;
  if (!second || end || passes.length + sides.length > 0 || codec === undefined) return false;
  if (rules.noPeerToPeer || first!.peerToPeer === undefined) return false;
  // Another branch of either leg would need its media all the same.
  const others = needs.some(({ legId }) => legId === first!.legId || legId === second.legId);
  return !others && first!.peerToPeer === second.peerToPeer;
}

interface Searched {
  readonly best: Found;
  /** Those that were beaten; of a call whose branches are chosen one by one, each is one branch. */
  readonly others: readonly (Found & { readonly only?: number })[];
  readonly cutShort: boolean;
}

function search(
  request: PathRequest,
  { tables }: Compiled,
  rules: Rules,
  plans: readonly BranchPlan[],
  relayed: readonly boolean[],
): Searched | undefined {
  const gatewayOf = ({ region, gateway }: PathLeg): number => tables.gatewayOf.get(`${region}/${gateway}`)!;
  const { branches, slots } = tasksOf(plans, gatewayOf, rules.branches === 'whole');
  const numbers = branches.map((_, index) => index).filter((index) => relayed[index]);
  const key = hashText(request.callSid);
  const used = new Set<number>();
  const pinned = branches
    .flatMap(({ endSlot, passes, sides }) => [endSlot, ...passes, ...sides])
    .some((slot) => slot !== -1 && (used.has(slot) || !used.add(slot)));
  const groups = pinned || rules.branches === 'whole' ? [numbers] : numbers.map((number) => [number]);

  const taken: PathStep[] = [];
  const others: (Found & { only?: number })[] = [];
  let [score, cutShort]: [Score | undefined, boolean] = [undefined, false];
  for (const group of groups) {
    const task = { key, keep: MOST_ALTERNATIVES + 1, slots, taken };
    const run = new PathSearch(tables, rules, { ...task, branches: group.map((index) => branches[index]!) });
    const found = run.run().map((one) => renumber(one, group));
    if (found.length === 0) return undefined;
    cutShort ||= run.cutShort;
    const [best, ...rest] = found;
    if (groups.length > 1) others.push(...rest.map((one) => ({ ...one, only: group[0]! })));
    else others.push(...rest);
    score = best!.score;
    taken.push(...best!.steps);
  }
  if (groups.length !== 1) {
    const starts = numbers.map((number) => ({ number, start: branches[number]!.start }));
    score = scoreOf(taken, starts, { tables, rules, key });
  }
  return { best: { score: score!, steps: taken }, others: others.slice(0, MOST_ALTERNATIVES), cutShort };
}

const renumber = ({ score, steps }: Found, group: readonly number[]): Found => ({
  score,
  steps: group.every((number, index) => number === index)
    ? steps
    : steps.map((step) => ({ ...step, branch: group[step.branch]! })),
});

/** The score of branches that were found one by one. */
export function scoreOf(
  steps: readonly PathStep[],
  starts: readonly { readonly number: number; readonly start: number }[],
  { tables, rules, key }: { tables: Compiled['tables']; rules: Rules; key: number },
): Score {
  const state = freshState(tables, rules, key);
  for (const { number, start } of starts) {
    state.begin(start);
    state.take(steps.filter(({ branch }) => branch === number));
  }
  return state.finished();
}

function reasonsFor(path: PathChoice, plans: readonly BranchPlan[], rules: Rules): string[] {
  const reasons = [
    {
      local: `Media stays in ${path.regions.join()}: everything that it needs is there.`,
      'multi-regional': `Media spans ${path.regions.join(', ')}.`,
      'peer-to-peer':
        'Media goes past the platform: the endpoints reach each other, and nothing of ours is needed.',
    }[path.mode],
  ];
  if (plans.some(({ codec }) => codec === undefined)) reasons.push('The legs have no codec in common.');
  const willing = plans.some(
    ({ legs: [first, second] }) => second && first!.peerToPeer && first!.peerToPeer === second.peerToPeer,
  );
  if (willing && rules.noPeerToPeer)
    reasons.push(`Media does not go past the platform: ${rules.noPeerToPeer}.`);
  return reasons;
}

const none = (rules: Rules, reasons: string[]): RoutingAnswer<PathChoice> => ({
  question: 'path',
  chosen: null,
  score: null,
  alternatives: [],
  reasons,
  policies: [...rules.policies],
  order: [...rules.order],
  measured: true,
});
