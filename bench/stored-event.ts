import { randomUUID } from 'node:crypto';
import type { Message } from '@tandem/actors/runtime';
import type { NewEvent } from '@tandem/actors/stores/event-store';

/** The event that a message becomes when its actor takes it. */
export const storedEvent = ({ type, data, correlation = '' }: Message): NewEvent => ({
  id: randomUUID(),
  type,
  version: 1,
  time: Date.now(),
  region: 'ie1',
  cause: '',
  correlation,
  data,
});
