export {
  CallRouter,
  createNumberPlan,
  isHeard,
  type NetworkWatch,
  policyRouting,
  StaticCalls,
  type StaticNumber,
  watchNetwork,
} from './calls/index.ts';
export { LimitedCalls, numberInUri } from './limits/index.ts';
export { ShippedEvents, ShippedFaults } from './shipping/index.ts';
