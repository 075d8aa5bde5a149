import type { RoutingDecision } from '@tandem/actors/routing/question';

/** A decision without what concerns operators only: our costs, and how full what is. */
export function shownTo(decision: RoutingDecision, operator: boolean): RoutingDecision {
  if (operator) return decision;
  const shown = (choice: RoutingDecision['alternatives'][number]) => {
    if (!choice.score) return choice;
    const { cost: _, ...score } = choice.score;
    return { ...choice, score: score as typeof choice.score };
  };
  return {
    ...decision,
    ...(decision.chosen && { chosen: shown(decision.chosen) }),
    alternatives: decision.alternatives.map(shown),
    looked: { ...decision.looked, facts: [] },
  };
}
