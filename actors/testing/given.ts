import type { Messages } from '@tandem/proto/generated/events.ts';
import type { AnyMachineSnapshot } from 'xstate';
import { type EventType, verifyEvent } from '../events/event-schema.ts';
import type { MachineEvent } from '../events/machine-event.ts';
import { type Effect, initialSnapshot, type Kind, stateName, step } from '../runtime/behaviour.ts';

/** What an event says: its data, or its data as a function of what came before it. */
export type Says<T extends EventType, Context> =
  | Messages[T]
  | ((before: Then<Effect, Context>) => Messages[T]);

/** An event of a test. */
export interface Said<Context> {
  readonly type: EventType;
  readonly data: Says<EventType, Context>;
  /** Milliseconds that passed before it. */
  readonly after: number;
}

/** An event for `given`. It happens a millisecond after the one before, unless it says otherwise. */
export const said = <T extends EventType, Context>(
  type: T,
  data: Says<T, Context>,
  after = 1,
): Said<Context> => ({
  type,
  data: data as Says<EventType, Context>,
  after,
});

/** What came of the last event; `when` says what happens next. */
export interface Then<E extends Effect, Context> {
  readonly state: string;
  readonly context: Context;
  /** What the last event's transition asked for. */
  readonly effects: readonly E[];
  /** Whether the machine took the last event; then it is the last of `events`. */
  readonly taken: boolean;
  readonly done: boolean;
  readonly snapshot: AnyMachineSnapshot;
  /** What the actor's stream holds by now. */
  readonly events: readonly MachineEvent[];
  when<T extends EventType>(type: T, data: Says<T, Context>, after?: number): Then<E, Context>;
}

/** The time just before the first event, in milliseconds since the Unix epoch. */
export const START = 1_700_000_000_000;

/**
 * A machine's behaviour as given / when / then: the state after some events, then what comes of one more. Every
 * event is checked against its schema, as the runtime does.
 *
 *     expect(given(legKind, offered, allocated).when('AnswerRequested', {})).toMatchObject({ state: … })
 */
export function given<E extends Effect, Context>(
  kind: Kind,
  ...events: readonly Said<Context>[]
): Then<E, Context> {
  return events.reduce(
    (before, { type, data, after }) => {
      const then = before.when(type, data, after);
      if (!then.taken) throw new Error(`given: ${type} is not taken in ${before.state}`);
      return then;
    },
    outcome<E, Context>(kind, initialSnapshot(kind), [], true, [], START, 0),
  );
}

function outcome<E extends Effect, Context>(
  kind: Kind,
  snapshot: AnyMachineSnapshot,
  effects: readonly E[],
  taken: boolean,
  events: readonly MachineEvent[],
  time: number,
  count: number,
): Then<E, Context> {
  const then: Then<E, Context> = {
    effects,
    taken,
    snapshot,
    events,
    state: stateName(snapshot.value),
    context: snapshot.context as Context,
    done: snapshot.status === 'done',
    when(type, says, after = 1) {
      const data = typeof says === 'function' ? says(then) : says;
      verifyEvent(type, data);
      const id = `00000000-0000-4000-8000-${String(count).padStart(12, '0')}`;
      const event = { type, id, time: time + after, data } as MachineEvent;
      const next = step(kind, snapshot, event);
      const stored = next.taken ? [...events, event] : events;
      const asked = next.effects as readonly E[];
      return outcome(kind, next.snapshot, asked, next.taken, stored, event.time, count + 1);
    },
  };
  return then;
}
