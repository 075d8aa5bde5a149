import type { Messages } from '@tandem/proto/generated/events.ts';
import type { AnyMachineSnapshot } from 'xstate';
import { type EventType, verifyEvent } from '../events/event-schema.ts';
import type { MachineEvent } from '../events/machine-event.ts';
import { type Effect, initialSnapshot, type Kind, stateName, step } from '../runtime/behaviour.ts';

type Said = { [T in EventType]: readonly [type: T, data: Messages[T], after?: number] }[EventType];

/** What came of the last event. */
export interface Then<E extends Effect, Context> {
  readonly state: string;
  readonly context: Context;
  /** What the last event's transition asked for. */
  readonly effects: readonly E[];
  readonly taken: boolean;
  readonly done: boolean;
}

/** The time of the first event in `given`, in milliseconds since the Unix epoch. */
export const START = 1_700_000_000_000;

/**
 * A machine's behaviour as given / when / then: the state after `given`, then the last event's outcome. An
 * event may name the milliseconds that passed before it (1 unless said). Every event is checked against its
 * schema, as the runtime does.
 */
export function given<E extends Effect, Context>(kind: Kind, ...events: readonly Said[]) {
  let snapshot: AnyMachineSnapshot = initialSnapshot(kind);
  let time = START;
  let count = 0;
  const apply = ([type, data, after = 1]: Said): Then<E, Context> => {
    verifyEvent(type, data);
    time += count === 0 ? 0 : after;
    const id = `00000000-0000-4000-8000-${String(count++).padStart(12, '0')}`;
    const stepped = step(kind, snapshot, { type, id, time, data } as MachineEvent);
    snapshot = stepped.snapshot;
    return {
      state: stateName(snapshot.value),
      context: snapshot.context as Context,
      effects: stepped.effects as readonly E[],
      taken: stepped.taken,
      done: snapshot.status === 'done',
    };
  };
  for (const event of events) {
    if (!apply(event).taken)
      throw new Error(`given: ${event[0]} is not taken in ${stateName(snapshot.value)}`);
  }
  return {
    when: <T extends EventType>(type: T, data: Messages[T], after?: number) =>
      apply([type, data, after] as never),
  };
}
