import type { Messages } from '@tandem/proto/generated/events.ts';
import { asRecorded } from '../../errors/index.ts';
import { currentVersion, isEventType, upcast, verifyEvent } from '../../events/index.ts';
import type { RecordedEvent } from '../../stores/event-store/index.ts';

/**
 * The event as it is to be stored. One that is not what its type should be becomes `EventSetAside`, under its id and in
 * its place. What only a newer release knows, a type or a version of one, is stored as it is: nobody here reads it.
 */
export function checkShipped(event: RecordedEvent): RecordedEvent {
  const { type, version } = event;
  if (!isEventType(type) || version > currentVersion(type)) return event;
  try {
    verifyEvent(type, upcast(event).data);
    return event;
  } catch (error) {
    const { code, message } = asRecorded(error);
    const data: Messages['EventSetAside'] = { type, version, code, detail: message };
    return { ...event, type: 'EventSetAside', version: currentVersion('EventSetAside'), data };
  }
}
