export { checkPolicies } from './check-policies.ts';
export { createHoursTest } from './hours.ts';
export { LOOK_AHEAD, nextChange } from './next-change.ts';
export { fixedPolicies, type PoliciesView } from './policies-view.ts';
export { days, type Measure, measures, type Party, type Policy, type Scope } from './policy.ts';
export { StoredPolicies, UNSET } from './stored-policies.ts';
