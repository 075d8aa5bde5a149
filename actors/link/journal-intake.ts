import type { GatewayId } from '../names/index.ts';
import type { RecordedEvent } from '../stores/event-store/index.ts';

/**
 * Takes events of one gateway in the order in which they came; resolves when they are dealt with: durable, and heard by
 * whom they concern. It is called again before the promise of an earlier call has settled. It gets events again after
 * breaks and failures: appending them by id and revision makes that harmless.
 */
export type TakeEvents = (from: GatewayId, events: readonly RecordedEvent[]) => Promise<void>;

/** What one gateway ships, as it arrives, over all the streams that carry it. */
export interface JournalIntake {
  /** Resolves when what earlier streams brought has been dealt with, or has failed. */
  resume(): Promise<void>;
  /** Resolves when these events and all before them on the stream are dealt with. */
  take(events: readonly RecordedEvent[]): Promise<void>;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

export function createJournalIntake(from: GatewayId, takeEvents: TakeEvents): JournalIntake {
  const underWay = new Set<Promise<void>>();
  let tail: Promise<void> = Promise.resolve();

  function hold(promise: Promise<unknown>): void {
    const settled: Promise<void> = promise
      .catch(() => {})
      .then(() => {
        underWay.delete(settled);
      });
    underWay.add(settled);
  }

  const idle = async (): Promise<void> => {
    while (underWay.size > 0) await Promise.all(underWay);
  };

  return {
    async resume() {
      await idle();
      tail = Promise.resolve();
    },
    take(events) {
      const stored = callNow(() => takeEvents(from, events));
      const done = Promise.all([tail, stored]).then(() => {});
      tail = done;
      hold(stored);
      hold(done);
      return done;
    },
    idle,
  };
}

const callNow = async (call: () => Promise<void>): Promise<void> => call();
