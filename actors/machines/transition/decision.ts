import { type ActionFunction, enqueueActions } from 'xstate';
import type { EventType, MachineEvent } from '../../events/index.ts';
import type { Effect } from '../../runtime/index.ts';

/** What a machine decides on an event: parts of its context that change, and what is to be done outside. */
export interface Decision<Context, E extends Effect> {
  readonly context?: Partial<Context>;
  readonly effects?: readonly E[];
}

/** A pure function from state and event to a decision. */
export type Decide<Context, E extends Effect, T extends EventType> = (
  context: Context,
  event: MachineEvent<T>,
) => Decision<Context, E>;

/**
 * XState cannot know that a decision only ever runs on the events under which a machine lists it; the decisions
 * themselves are typed.
 */
// biome-ignore lint/suspicious/noExplicitAny: the action fits any machine, as said above
export type DecisionAction = ActionFunction<any, any, any, any, any, any, any, any, any>;

/**
 * Decisions as one XState action, in turn: each sees what the one before it changed. The runtime carries the
 * effects out once the event is stored; nothing here does.
 */
export const does = <Context, E extends Effect, T extends EventType>(
  ...decisions: readonly Decide<Context, E, T>[]
): DecisionAction =>
  enqueueActions(({ context, event, enqueue }) => {
    let current = context as Context;
    for (const decide of decisions) {
      const { context: changes, effects = [] } = decide(current, event as unknown as MachineEvent<T>);
      if (changes) {
        current = { ...current, ...changes };
        enqueue.assign(changes as never);
      }
      for (const effect of effects) enqueue({ type: 'effect', params: effect } as never);
    }
  }) as unknown as DecisionAction;

/** The XState implementation of `effect`: the runtime does the work, not the machine. */
export const effectsAreCarriedOutByTheRuntime = { effect: () => {} };
