import type { Messages } from '@tandem/proto/generated/events.ts';
import type { EventType } from '../events/index.ts';

/** Something said to an actor. If the actor takes it, it becomes the next event of its stream. */
export interface Message<T extends EventType = EventType> {
  readonly type: T;
  readonly data: Messages[T];
  /** UUID; a message with an id that the stream already holds is not taken a second time. */
  readonly id?: string;
  /** Id of the event or command behind it. */
  readonly cause?: string;
  /** Sid of the call that it belongs to; an actor's later events inherit it. */
  readonly correlation?: string;
  /** Whether the actor's context is one that may be told this; if not, it is as if the state did not take it. */
  readonly accepts?: (context: unknown) => boolean;
}

/** What became of a message. */
export type Outcome =
  /** Stored, and its effects started. */
  | { readonly taken: true; readonly revision: number; readonly state: string }
  /** The stream held an event with this id already. */
  | { readonly taken: true; readonly duplicate: true }
  /** The actor's state does not take it now; nothing was stored. */
  | { readonly taken: false; readonly state: string };
