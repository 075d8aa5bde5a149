export { archivedCall, archivedRows } from './archived-call.ts';
export { type ListedCall, readListedCall } from './call-entry.ts';
export { CallResource, callResource } from './call-resource.ts';
export type { CallRow } from './call-row.ts';
export { callsProjection } from './calls-projection.ts';
export { CallsAnswer, CallsQuery, callsPage } from './calls-query.ts';
export { type CallsReader, openCallsReader, openCallsReadModel } from './calls-read-model.ts';
export { NewestCallsAnswer, NewestCallsQuery, newestCallsPage } from './newest-calls.ts';
export { projectCall, projectCalls } from './project-call.ts';
