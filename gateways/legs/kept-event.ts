import { TandemError } from '@tandem/actors/errors';
import { verifyEvent } from '@tandem/actors/events';
import type { NewEvent } from '@tandem/actors/stores/event-store';
import type { KeptEvent } from '@tandem/proto/generated/events.ts';

/**
 * An event as a command brings it, for the journal.
 *
 * @throws runtime.unknown-event, runtime.invalid-event
 */
export const asEvent = ({ data: text, ...event }: KeptEvent): NewEvent => {
  const data = parsed(event.type, text);
  verifyEvent(event.type, data);
  return { ...event, data };
};

const parsed = (type: string, text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new TandemError('runtime.invalid-event', { type, detail: 'its data is no JSON' });
  }
};
