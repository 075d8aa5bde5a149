import type { EventStore } from '@tandem/actors/stores/event-store';

async function* nothing(): AsyncGenerator<never> {}

const unused = (): never => {
  throw new Error('an actor system neither subscribes nor deletes');
};

/** A store that keeps nothing and answers at once, so that what is measured is what asks it. */
export const noEventStore = (): EventStore => ({
  append: async (_stream, expected, events) => ({
    revision: (typeof expected === 'number' ? expected : -1) + events.length,
    position: '0',
  }),
  readStream: nothing,
  readAll: nothing,
  subscribeToAll: unused,
  subscribeToStream: unused,
  delete: unused,
  close: async () => {},
});
