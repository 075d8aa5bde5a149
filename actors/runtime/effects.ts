import type { Messages } from '@tandem/proto/generated/events.ts';
import type { AnyMachineSnapshot } from 'xstate';
import type { EventType } from '../events/event-schema.ts';
import type { RecordedEvent } from '../stores/event-store.ts';
import type { Effect } from './behaviour.ts';
import type { Outcome } from './message.ts';

/** What the runtime hands to whoever carries an effect out. */
export interface EffectScope {
  /** The actor's stream. */
  readonly stream: string;
  /** The stored event whose transition asked for the effect. */
  readonly event: RecordedEvent;
  /** The actor's state after that event. */
  readonly state: AnyMachineSnapshot;
  /** An id for what the effect causes: the same each time this effect is carried out. */
  readonly effectId: string;
  /** Tells the actor what came of it. */
  tell<T extends EventType>(type: T, data: Messages[T]): Promise<Outcome>;
}

/**
 * Carries out the effects of one kind of actor, one function a type of effect. What throws, now or later, is
 * recorded as `ActionFailed` in the actor's stream.
 */
export type EffectHandlers<E extends Effect> = {
  readonly [T in E['type']]: (effect: Extract<E, { type: T }>, scope: EffectScope) => unknown;
};
