import type { RecordedEvent } from '../event-store/event-store.ts';

/** A subscription's handler that keeps what it gets and lets a test wait for it. */
export interface Collector {
  readonly events: RecordedEvent[];
  readonly handler: (event: RecordedEvent) => void;
  /** Resolves once the condition holds of what was collected. */
  until(condition: (events: readonly RecordedEvent[]) => boolean): Promise<void>;
  /** Resolves once so many events came. */
  count(count: number): Promise<void>;
  /** Resolves once the event with this id came. */
  event(id: string): Promise<void>;
}

/** `wanted` leaves out events of other tests when the store is shared. */
export const createCollector = (wanted: (event: RecordedEvent) => boolean = () => true): Collector => {
  const events: RecordedEvent[] = [];
  let checks: (() => void)[] = [];

  const until: Collector['until'] = (condition) =>
    new Promise((resolve) => {
      const check = (): void => {
        if (condition(events)) resolve();
        else checks.push(check);
      };
      check();
    });

  return {
    events,
    handler: (event) => {
      if (!wanted(event)) return;
      events.push(event);
      const due = checks;
      checks = [];
      for (const check of due) check();
    },
    until,
    count: (count) => until((collected) => collected.length >= count),
    event: (id) => until((collected) => collected.some((event) => event.id === id)),
  };
};
