export { withoutCredentials } from './kurrent-connection.ts';
export { openKurrentEventStore } from './kurrent-event-store.ts';
export { type EventMetadata, metadataOf, toKurrentEvent } from './kurrent-events.ts';
