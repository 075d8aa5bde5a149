export { decisionsOf } from './decisions.ts';
export { eventResource, momentResource, stateResource } from './history-resource.ts';
export { eventsOf, MOST_EVENTS, momentAt, rootOf } from './read-history.ts';
export { streamEvents, streamsOf } from './read-streams.ts';
export { shownTo } from './shown-decision.ts';
