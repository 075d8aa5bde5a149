import { randomUUID } from 'node:crypto';
import type { NewEvent, RecordedEvent } from '../event-store/event-store.ts';

/** An event as a test needs it: an id of its own, the rest alike. */
export const testEvent = (data: unknown = {}, overrides: Partial<NewEvent> = {}): NewEvent => ({
  id: randomUUID(),
  type: 'LegAnswered',
  version: 1,
  time: 1_763_872_496_123,
  region: 'ie1',
  cause: randomUUID(),
  correlation: 'CA0123456789abcdef0123456789abcdef',
  data,
  ...overrides,
});

export const testEvents = (count: number): NewEvent[] =>
  Array.from({ length: count }, (_, n) => testEvent({ n }));

export const idsOf = (events: readonly Pick<NewEvent, 'id'>[]): string[] => events.map((event) => event.id);

export const listOf = async (events: AsyncIterable<RecordedEvent>): Promise<RecordedEvent[]> => {
  const list: RecordedEvent[] = [];
  for await (const event of events) list.push(event);
  return list;
};
