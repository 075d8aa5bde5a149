import type { RecordedEvent } from '@tandem/actors/stores/event-store';

/**
 * A read model as a function of events. One folder of `projections/` holds one; the projector runs any number
 * over one database.
 */
export interface Projection {
  /** Names the position up to which it has come. Another name is another, empty read model. */
  readonly name: string;
  /** Whether events of this type concern it; others only move its position. */
  concerns(type: string): boolean;
  /** Takes in what an event changes. An event that comes again changes nothing. */
  apply(event: RecordedEvent): void;
  /** Writes what has changed, within the projector's transaction. */
  write(): void;
  /** The transaction failed: what is in memory is no longer what is written. */
  forget(): void;
}
