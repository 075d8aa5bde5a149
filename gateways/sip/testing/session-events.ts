import type { DialogSession, SessionEvents } from '../dialog/session.ts';

const names: readonly (keyof SessionEvents)[] = [
  'progress',
  'answered',
  'refused',
  'confirmed',
  'cancelled',
  'ended',
  'failed',
  'digit',
];

/** What a session tells, in order, as it comes; offers and transfers are left to the test. */
export const eventsOf = (session: DialogSession): { name: keyof SessionEvents; [key: string]: unknown }[] => {
  const events: { name: keyof SessionEvents }[] = [];
  for (const name of names) session.on(name, (event: object) => events.push({ name, ...event }));
  return events;
};
