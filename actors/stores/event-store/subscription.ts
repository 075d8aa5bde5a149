import type { EventHandler, RecordedEvent, Subscription } from './event-store.ts';

/**
 * Hands the events of pages to a handler one by one. The source ends when its signal is aborted; what it throws, or
 * the handler does, ends the subscription with that error. While it runs it is among `running`.
 */
export const runSubscription = (
  running: Set<Subscription>,
  source: (stopped: AbortSignal) => AsyncIterable<readonly RecordedEvent[]>,
  handler: EventHandler,
): Subscription => {
  const stopping = new AbortController();
  const stopped = stopping.signal;

  const run = async (): Promise<void> => {
    for await (const page of source(stopped))
      for (const event of page) {
        if (stopped.aborted) return;
        // To wait for nothing, for each event, costs more than most handlers do.
        const handled = handler(event);
        if (handled) await handled;
      }
  };

  const ended = run().finally(() => running.delete(subscription));
  const subscription: Subscription = {
    ended,
    stop: async () => {
      stopping.abort();
      await ended.catch(() => {});
    },
  };
  running.add(subscription);
  return subscription;
};
