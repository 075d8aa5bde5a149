export { derivedSid, derivedUuid } from './derived-id.ts';
export { type EventType, isEventType, verifyEvent } from './event-schema.ts';
export { LAST_EVENTS } from './last-events.ts';
export type { MachineEvent } from './machine-event.ts';
export { currentVersion, type Upcasts, upcast, upcasts } from './upcasting.ts';
