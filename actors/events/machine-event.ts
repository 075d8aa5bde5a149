import type { Messages } from '@tandem/proto/generated/events.ts';
import type { EventType } from './event-schema.ts';

/**
 * An event as a machine sees it: a stored event, or the message that will be stored if the machine takes it.
 * `time` is in milliseconds since the Unix epoch; a machine has no other clock. `id` is the event's, and a
 * machine that needs a new identifier derives it from this one.
 */
export type MachineEvent<T extends EventType = EventType> = {
  [K in T]: { readonly type: K; readonly id: string; readonly time: number; readonly data: Messages[K] };
}[T];
