export { asRefusal, LimitedCalls } from './account-limits.ts';
export { numberInUri } from './destinations.ts';
