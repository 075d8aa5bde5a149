import type { ExpectedRevision, NewEvent } from '../event-store/event-store.ts';

interface Append {
  readonly expected: ExpectedRevision;
  readonly events: readonly NewEvent[];
}

/** What an event store should decide, in the plainest form: lists in memory, one append after another. */
export const createStoreModel = () => {
  const streams = new Map<string, string[]>();
  const appends = new Map<string, Append>();

  return {
    ids: (stream: string): readonly string[] => streams.get(stream) ?? [],

    /** The append that the stream took last. */
    lastAppend: (stream: string): Append | undefined => appends.get(stream),

    /** The revision that the store should answer with, or the code of its error. */
    append: (stream: string, expected: ExpectedRevision, events: readonly NewEvent[]): number | string => {
      const held = streams.get(stream) ?? [];
      const ids = events.map((event) => event.id);
      const after = { any: held.length - 1, 'no-stream': -1 }[expected] ?? Number(expected);
      const first = expected === 'any' ? held.indexOf(ids[0]!) : after + 1;
      if (first >= 0 && ids.every((id, i) => held[first + i] === id)) return first + ids.length - 1;
      if (after !== held.length - 1) return 'store.wrong-revision';
      streams.set(stream, [...held, ...ids]);
      appends.set(stream, { expected, events });
      return held.length + ids.length - 1;
    },
  };
};
