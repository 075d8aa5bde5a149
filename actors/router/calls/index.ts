export { isHeard } from './call-message.ts';
export { CallRouter } from './call-router.ts';
export { type NetworkWatch, watchNetwork } from './network-watch.ts';
export { createNumberPlan } from './number-plan.ts';
export { policyRouting } from './policy-routing.ts';
export { StaticCalls, type StaticNumber } from './static-calls.ts';
