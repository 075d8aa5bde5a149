export { ANONYMOUS } from './anonymous.ts';
export { type Decide, does, effectsAreCarriedOutByTheRuntime } from './decision.ts';
export {
  asEndReason,
  END_REASONS,
  type End,
  type EndReason,
  reasonHeader,
  reasonOfStatus,
  refusalStatus,
  warningHeader,
  warningOf,
} from './end-reason.ts';
export { rang, withoutTimer, withTimer } from './timers.ts';
