import { encodeEvent, type ShippedEvent } from '@tandem/actors/link/journal-codec.ts';
import type { EventStore, Position, RecordedEvent, Subscription } from '@tandem/actors/stores/event-store.ts';
import { createShipWindow } from './ship-window.ts';

/** Where batches go: a stream that says when it has had enough. */
export interface ShipmentOutlet {
  readonly full: boolean;
  send(events: ShippedEvent[]): void;
}

/** Ships a journal over one stream. */
export interface JournalShipper {
  /** The outlet is not full any more. */
  resume(): void;
  /** All up to a position is durable. False when nothing of that position was sent. */
  acknowledge(position: Position): boolean;
  stop(): Promise<void>;
}

/**
 * Ships what the journal has after `received`, and then each event as it is appended. Events of one event-loop
 * turn travel together; none waits for another. The journal is read no faster than the other side takes it.
 * `failed` is told when the journal cannot be read, or holds an event that cannot travel.
 */
export function shipJournal(
  journal: EventStore,
  received: Position,
  outlet: ShipmentOutlet,
  failed: (error: unknown) => void,
): JournalShipper {
  const window = createShipWindow(received);
  let room: (() => void) | undefined;
  let turn: NodeJS.Immediate | undefined;

  function flush(): void {
    clearImmediate(turn);
    turn = undefined;
    while (!outlet.full) {
      const batch = window.next();
      if (!batch) break;
      outlet.send(batch);
    }
    if (window.hasRoom) release();
  }

  function release(): void {
    room?.();
    room = undefined;
  }

  function onEvent(event: RecordedEvent): void | Promise<void> {
    window.offer(encodeEvent(event));
    turn ??= setImmediate(flush);
    if (window.hasRoom) return;
    flush();
    if (!window.hasRoom)
      return new Promise((resolve) => {
        room = resolve;
      });
  }

  const from = received === '' ? 'start' : { after: received };
  const subscription: Subscription = journal.subscribeToAll(from, onEvent);
  subscription.ended.catch(failed);

  return {
    resume: flush,
    acknowledge(position) {
      const known = window.acknowledge(position);
      flush();
      return known;
    },
    async stop() {
      clearImmediate(turn);
      const stopped = subscription.stop();
      release();
      await stopped;
      clearImmediate(turn);
    },
  };
}
