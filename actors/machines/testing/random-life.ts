import { expect } from '@jest/globals';
import type { Messages } from '@tandem/proto/generated/events.ts';
import fc from 'fast-check';
import type { EventType } from '../../events/event-schema.ts';
import type { MachineEvent } from '../../events/machine-event.ts';
import {
  type Effect,
  initialSnapshot,
  type Kind,
  restoreState,
  serializeState,
  step,
  type Timed,
} from '../../runtime/behaviour.ts';
import { given, type Then } from '../../testing/given.ts';

/** A message that an actor may get next. */
export type Heard = { [T in EventType]: readonly [type: T, data: Messages[T], after?: number] }[EventType];
export const heard = <T extends EventType>(type: T, data: Messages[T], after?: number): Heard =>
  [type, data, after] as unknown as Heard;

/** Choices of what happens next, each taken from whatever may happen then. */
export const choices = fc.array(fc.nat(), { maxLength: 40, size: 'max' });

const next = <E extends Effect, C>(then: Then<E, C>, [type, data, after]: Heard): Then<E, C> =>
  then.when(type, data as never, after);

/** An actor's states, from its start through what was chosen. `mayHear` says what an actor may get in a state. */
export function live<E extends Effect, C extends Timed>(
  kind: Kind,
  chosen: readonly number[],
  mayHear: (now: Then<E, C>) => readonly Heard[],
): Then<E, C>[] {
  const states = [given<E, C>(kind)];
  for (const choice of chosen) {
    const now = states.at(-1)!;
    const possible = mayHear(now);
    states.push(next(now, possible[choice % possible.length]!));
  }
  // A counterexample is told as what happened, not as all that a state holds.
  return Object.assign(states, { [fc.toStringMethod]: () => story(states) });
}

const story = <E extends Effect, C>(states: readonly Then<E, C>[]): string =>
  states
    .at(-1)!
    .events.map(({ type, data }) => `${type} ${JSON.stringify(data)}`)
    .join('\n');

/** The ringing of each of an actor's timers, when it is due. */
export const timersOf = <E extends Effect, C extends Timed>({ context, events }: Then<E, C>): Heard[] =>
  Object.entries(context.timers).map(([timer, deadline]) =>
    heard('TimerRang', { timer }, Math.max(0, deadline - (events.at(-1)?.time ?? 0))),
  );

/**
 * Goes on, with what the world says to what is asked of it, until the actor is at its end or nothing more comes.
 * `answer` gives what is heard next, from all that the actor ever asked for.
 */
export function liveOn<E extends Effect, C>(
  states: readonly Then<E, C>[],
  answer: (asked: readonly E[], now: Then<E, C>) => readonly Heard[],
): Then<E, C>[] {
  const all = [...states];
  const settled = new Set<E>();
  for (let steps = 0; steps < 500; steps++) {
    const now = all.at(-1)!;
    if (now.done) return all;
    const open = all.flatMap(({ effects }) => effects).filter((effect) => !settled.has(effect));
    for (const effect of open) settled.add(effect);
    const answers = answer(open, now);
    if (answers.length === 0) return all;
    for (const one of answers) all.push(next(all.at(-1)!, one));
  }
  return all;
}

const byKey = (_name: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
    : value;
/** As text, whatever the order of keys. */
const text = (value: unknown): string => JSON.stringify(value, byKey);
const stored = (events: readonly MachineEvent[]): MachineEvent[] => JSON.parse(JSON.stringify(events));

/** Stored and read again, the events lead to the same state, byte for byte. */
export function expectReplayTheSame(kind: Kind, { events, snapshot }: Then<Effect, unknown>): void {
  const replayed = stored(events).reduce(
    (state, event) => step(kind, state, event).snapshot,
    initialSnapshot(kind),
  );
  expect(serializeState(replayed)).toBe(serializeState(snapshot));
}

/** A state that was stored and read again behaves, on all events after it, as the one that was not. */
export function expectRestoredTheSame(kind: Kind, { events }: Then<Effect, unknown>, from: number): void {
  let live = initialSnapshot(kind);
  for (const event of events.slice(0, from)) live = step(kind, live, event).snapshot;
  let restored = restoreState(kind, serializeState(live));
  for (const event of stored(events.slice(from))) {
    const here = step(kind, live, event);
    const there = step(kind, restored, event);
    expect(text(there.effects)).toBe(text(here.effects));
    expect(there.taken).toBe(here.taken);
    ({ snapshot: live } = here);
    ({ snapshot: restored } = there);
    expect(text(JSON.parse(serializeState(restored)))).toBe(text(JSON.parse(serializeState(live))));
  }
}

/** Each timer that is set is one that the state waits for: it is taken when it rings. */
export function expectTimersAreWaitedFor<E extends Effect, C extends Timed>(
  states: readonly Then<E, C>[],
): void {
  for (const now of states)
    for (const ringing of timersOf(now))
      expect([ringing, now.state, next(now, ringing).taken]).toContain(true);
}

/** A timer that rang is cleared, or set to a later time: none rings for ever. */
export function expectTimersMoveOn<E extends Effect, C extends Timed>(states: readonly Then<E, C>[]): void {
  for (const { taken, events, context } of states) {
    const event = events.at(-1);
    if (!taken || event?.type !== 'TimerRang') continue;
    const deadline = context.timers[event.data.timer];
    if (deadline !== undefined) expect(deadline).toBeGreaterThan(event.time);
  }
}

/** Once an actor is at its end it takes nothing more. */
export function expectDoneStaysDone<E extends Effect, C>(states: readonly Then<E, C>[]): void {
  const end = states.findIndex(({ done }) => done);
  if (end < 0) return;
  for (const { done, taken, effects } of states.slice(end + 1))
    expect({ done, taken, effects }).toEqual({ done: true, taken: false, effects: [] });
}
