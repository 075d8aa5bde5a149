import type { EventType } from './event-schema.ts';

/** The last event of an actor that ends. */
export const LAST_EVENTS: ReadonlySet<string> = new Set<EventType>(['LegEnded', 'PipeEnded', 'CallEnded']);
