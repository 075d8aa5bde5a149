import { asRecorded } from '../errors/tandem-error.ts';
import type { Position, RecordedEvent } from '../stores/event-store.ts';
import type { GatewayName } from './gateway-name.ts';
import { saveLatest } from './latest-value.ts';
import type { LinkLog } from './link-log.ts';
import { isAfter } from './position.ts';

/** Where it is kept how much of each gateway's journal the main region holds. */
export interface JournalPositions {
  /** The position saved last for a gateway, `''` for none. */
  load(from: GatewayName): Promise<Position>;
  save(from: GatewayName, position: Position): Promise<void>;
}

/**
 * Takes events of one gateway in journal order; resolves when they are durable. It is called again before the
 * promise of an earlier call has settled. After a failure, and after a restart for which the last position was
 * not saved in time, it gets events again: appending them by id and revision makes that harmless.
 */
export type TakeEvents = (from: GatewayName, events: readonly RecordedEvent[]) => Promise<void>;

/** One gateway's journal as it arrives, over all the streams that carry it. */
export interface JournalIntake {
  /** The position up to which all is durable, once what earlier streams brought has been dealt with. */
  resume(): Promise<Position>;
  /** Resolves with that position when these events and all before them are durable. */
  take(events: readonly RecordedEvent[]): Promise<Position>;
  /** Resolves when nothing is under way and the position is saved. */
  idle(): Promise<void>;
}

export function createJournalIntake(
  from: GatewayName,
  takeEvents: TakeEvents,
  positions: JournalPositions,
  log: LinkLog,
): JournalIntake {
  const underWay = new Set<Promise<void>>();
  let durable: Position | undefined;
  let tail: Promise<void> = Promise.resolve();
  const saved = saveLatest<Position>(
    (position) => positions.save(from, position),
    (error) => log.warn({ ...from, ...asRecorded(error) }, 'link: the journal position was not saved'),
  );

  function hold(promise: Promise<unknown>): void {
    const settled: Promise<void> = promise
      .catch(() => {})
      .then(() => {
        underWay.delete(settled);
      });
    underWay.add(settled);
  }

  const settle = async (): Promise<void> => {
    while (underWay.size > 0) await Promise.all(underWay);
  };

  return {
    async resume() {
      await settle();
      durable ??= await positions.load(from);
      tail = Promise.resolve();
      return durable;
    },
    take(events) {
      const fresh = events.filter((event) => isAfter(event.position, durable ?? ''));
      const last = fresh.at(-1);
      const stored = last ? callNow(() => takeEvents(from, fresh)) : Promise.resolve();
      const done = Promise.all([tail, stored]).then(() => {
        if (last) {
          durable = last.position;
          saved.put(durable);
        }
      });
      tail = done;
      hold(stored);
      hold(done);
      return done.then(() => durable ?? '');
    },
    async idle() {
      await settle();
      await saved.idle();
    },
  };
}

const callNow = async (call: () => Promise<void>): Promise<void> => call();
