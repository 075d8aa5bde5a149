export { ANONYMOUS } from './anonymous.ts';
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
export { does, effectsAreCarriedOutByTheRuntime, type Transition } from './transition.ts';
