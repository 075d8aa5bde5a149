import { type ActionFunction, enqueueActions } from 'xstate';
import type { EventType, MachineEvent } from '../../events/index.ts';
import type { Effect } from '../../runtime/index.ts';

/** What comes of an event: parts of the context that change, and effects that the runtime carries out. */
export interface TransitionResult<Context, E extends Effect> {
  readonly context?: Partial<Context>;
  readonly effects?: readonly E[];
}

/** A pure function from context and event to changes and effects. */
export type Transition<Context, E extends Effect, T extends EventType> = (
  context: Context,
  event: MachineEvent<T>,
) => TransitionResult<Context, E>;

/**
 * XState cannot know that a transition only ever runs on the events under which a machine lists it; the transitions
 * themselves are typed.
 */
// biome-ignore lint/suspicious/noExplicitAny: the action fits any machine, as said above
export type TransitionAction = ActionFunction<any, any, any, any, any, any, any, any, any>;

/**
 * Transitions as one XState action, in turn: each sees what the one before it changed. The runtime carries the
 * effects out once the event is stored; nothing here does.
 */
export const does = <Context, E extends Effect, T extends EventType>(
  ...transitions: readonly Transition<Context, E, T>[]
): TransitionAction =>
  enqueueActions(({ context, event, enqueue }) => {
    let current = context as Context;
    for (const transition of transitions) {
      const { context: changes, effects = [] } = transition(current, event as unknown as MachineEvent<T>);
      if (changes) {
        current = { ...current, ...changes };
        enqueue.assign(changes as never);
      }
      for (const effect of effects) enqueue({ type: 'effect', params: effect } as never);
    }
  }) as unknown as TransitionAction;

/** The XState implementation of `effect`: the runtime does the work, not the machine. */
export const effectsAreCarriedOutByTheRuntime = { effect: () => {} };
