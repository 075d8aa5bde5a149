import type { RecordedEvent } from '@tandem/actors/stores/event-store.ts';

/**
 * A read model as a function of events. One folder of `projections/` holds one; the projector runs any number
 * over one database.
 */
export interface Projection {
  /** Names the position up to which it has come. Another name is another, empty read model. */
  readonly name: string;
  /** Whether events of this type concern it; others only move its position. */
  concerns(type: string): boolean;
  /**
   * Writes what an event changes, within the projector's transaction. An event that comes again changes nothing.
   */
  apply(event: RecordedEvent): void;
}
