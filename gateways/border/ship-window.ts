import type { ShippedEvent } from '@tandem/actors/link/journal-codec.ts';
import { limits } from '@tandem/actors/link/limits.ts';
import { isAfter } from '@tandem/actors/link/position.ts';
import type { Position } from '@tandem/actors/stores/event-store.ts';

/** What the window has to keep within; see `limits`. */
export type WindowLimits = Record<'batchEvents' | 'batchBytes' | 'windowEvents' | 'windowBytes', number>;

/** Journal events on their way: first offered, then sent in batches, then acknowledged. */
export interface ShipWindow {
  /** Whether another event should be offered now; at most one batch waits. */
  readonly hasRoom: boolean;
  offer(event: ShippedEvent): void;
  /** The next batch to send, if one waits and the other side may be sent that much; it counts as sent. */
  next(): ShippedEvent[] | undefined;
  /** All up to a position is durable. False when nothing of that position was sent. */
  acknowledge(position: Position): boolean;
}

interface Batch {
  readonly last: Position;
  readonly events: number;
  readonly bytes: number;
}

/** The window of one stream; `received` is the position up to which the other side holds the journal. */
export function createShipWindow(received: Position, within: WindowLimits = limits): ShipWindow {
  const sent: Batch[] = [];
  const unacknowledged = { events: 0, bytes: 0 };
  let waiting: ShippedEvent[] = [];
  let waitingBytes = 0;
  let sentTo = received;

  /** How many of the waiting events make the next batch: as many as it may have, but at least one. */
  function batchSize(): { events: number; bytes: number } {
    let events = 1;
    let bytes = waiting[0]!.data.length;
    while (events < Math.min(waiting.length, within.batchEvents)) {
      const more = bytes + waiting[events]!.data.length;
      if (more > within.batchBytes) break;
      bytes = more;
      events += 1;
    }
    return { events, bytes };
  }

  return {
    get hasRoom() {
      return waiting.length < within.batchEvents && waitingBytes < within.batchBytes;
    },
    offer(event) {
      waiting.push(event);
      waitingBytes += event.data.length;
    },
    next() {
      if (waiting.length === 0) return undefined;
      const { events, bytes } = batchSize();
      if (unacknowledged.events + events > within.windowEvents) return undefined;
      if (unacknowledged.bytes + bytes > within.windowBytes) return undefined;
      const batch = waiting.slice(0, events);
      waiting = waiting.slice(events);
      waitingBytes -= bytes;
      unacknowledged.events += events;
      unacknowledged.bytes += bytes;
      sentTo = batch.at(-1)!.position;
      sent.push({ last: sentTo, events, bytes });
      return batch;
    },
    acknowledge(position) {
      if (isAfter(position, sentTo)) return false;
      while (sent[0] && !isAfter(sent[0].last, position)) {
        const { events, bytes } = sent.shift()!;
        unacknowledged.events -= events;
        unacknowledged.bytes -= bytes;
      }
      return true;
    },
  };
}
