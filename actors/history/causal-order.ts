import type { RecordedEvent } from '../stores/event-store/index.ts';

/**
 * Events of several streams as one sequence. An event comes after those before it in its stream and after the
 * event that caused it, whatever the clocks of the places where they happened say; beyond that, time decides,
 * then the order of the streams as given.
 *
 * @param streams each in the order of its revisions
 */
export function causalOrder(streams: readonly (readonly RecordedEvent[])[]): RecordedEvent[] {
  const waiting = new Set(streams.flatMap((events) => events.map((event) => event.id)));
  const heads = streams.map(() => 0);
  const ordered: RecordedEvent[] = [];
  for (let next = earliest(streams, heads, waiting); next !== -1; next = earliest(streams, heads, waiting)) {
    const event = streams[next]![heads[next]!]!;
    heads[next]! += 1;
    waiting.delete(event.id);
    ordered.push(event);
  }
  return ordered;
}

/** Index of the stream whose next event comes next; -1 when there is none left. */
function earliest(
  streams: readonly (readonly RecordedEvent[])[],
  heads: readonly number[],
  waiting: ReadonlySet<string>,
): number {
  let best = -1;
  let bestIsReady = false;
  let bestTime = 0;
  streams.forEach((events, index) => {
    const event = events[heads[index]!];
    if (!event) return;
    const ready = !waiting.has(event.cause);
    // Causes that go in a circle cannot be satisfied; time decides then, so that nothing is left out.
    if (best !== -1 && (ready === bestIsReady ? event.time >= bestTime : bestIsReady)) return;
    best = index;
    bestIsReady = ready;
    bestTime = event.time;
  });
  return best;
}
