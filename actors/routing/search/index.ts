export { isMeasured } from './is-measured.ts';
export { type Found, PathSearch } from './path-search.ts';
export { type BranchPlan, commonCodec, planBranches, tasksOf } from './path-tasks.ts';
export { showPath } from './path-view.ts';
export { type Compiled, compile } from './planner.ts';
export { hashText, rendezvous } from './rendezvous.ts';
export { RuleBook, type Rules } from './rules.ts';
export type { Places } from './scope.ts';
export {
  at,
  badnessOf,
  compareScores,
  completeOrder,
  emptyScore,
  firstDifference,
  prefixMiss,
  type Score,
  showScore,
} from './score.ts';
export { DIRECT, freshState, type PathStep } from './search-state.ts';
export type { Offer } from './service-entries.ts';
export type { Tables } from './tables.ts';
