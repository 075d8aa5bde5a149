export { openWaitingEventStore, type WaitingEventStore } from './waiting-event-store.ts';
