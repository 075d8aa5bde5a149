export { openEventStore } from './open-event-store.ts';
