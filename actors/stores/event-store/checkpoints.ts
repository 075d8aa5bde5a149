import type { Position } from './event-store.ts';

/** Remembers by name how far each reader of an event store has come, and what it knew there. */
export interface Checkpoints {
  /** The position saved last under this name. @throws store.unavailable */
  load(name: string): Promise<Position | undefined>;
  /** @throws store.unavailable */
  save(name: string, position: Position): Promise<void>;
}
