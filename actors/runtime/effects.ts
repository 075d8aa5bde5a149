import type { Messages } from '@tandem/proto/generated/events.ts';
import type { AnyMachineSnapshot } from 'xstate';
import type { EventType } from '../events/index.ts';
import type { RecordedEvent } from '../stores/event-store/index.ts';
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
 * Carries out the effects of one kind of actor, one function a type of effect; those of the types `A` are answered.
 * What throws, now or later, is recorded as `ActionFailed` in the actor's stream.
 */
export type EffectHandlers<E extends Effect, A extends E['type'] = never> = {
  readonly [T in Exclude<E['type'], A>]: (effect: Extract<E, { type: T }>, scope: EffectScope) => unknown;
} & {
  readonly [T in A]: EffectAnswer<Extract<E, { type: T }>>;
};

/** The same, of whatever kind, by type of effect. */
export type AnyEffectHandlers = Readonly<
  Record<string, ((effect: never, scope: EffectScope) => unknown) | EffectAnswer<never> | undefined>
>;

/**
 * Carries out an effect that does nothing outside: it only looks at what this process knows, and tells the actor. So
 * that need not wait until the event is durable; the actor takes the answer at once, and both events are stored
 * together.
 */
export interface EffectAnswer<E extends Effect> {
  readonly answer: (effect: E) => Told;
}

/** What an actor is told, with the name of the event that it becomes. */
export type Told = { [T in EventType]: { readonly type: T; readonly data: Messages[T] } }[EventType];

export const told = <T extends EventType>(type: T, data: Messages[T]): Told => ({ type, data }) as Told;
