import type { EventHandler, RecordedEvent, Subscription } from './event-store.ts';

/**
 * Hands events to a handler one by one. The source ends when its signal is aborted; what it throws, or the
 * handler does, ends the subscription with that error. While it runs it is among `running`.
 */
export const runSubscription = (
  running: Set<Subscription>,
  source: (stopped: AbortSignal) => AsyncIterable<RecordedEvent>,
  handler: EventHandler,
): Subscription => {
  const stopping = new AbortController();
  const stopped = stopping.signal;

  const run = async (): Promise<void> => {
    for await (const event of source(stopped)) {
      if (stopped.aborted) return;
      await handler(event);
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
