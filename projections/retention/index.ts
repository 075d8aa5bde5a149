export { archiveCall, lookAt, refuseArchived } from './archive-call.ts';
export { type Pruned, pruneCalls } from './prune-calls.ts';
