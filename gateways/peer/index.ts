export { type BackoffTimes, backoff, defaultBackoff, refusedBackoff } from './backoff.ts';
export { RoundTripEstimate } from './round-trip-estimate.ts';
