import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate';
import { createActor, initialTransition } from 'xstate';
import type { MachineEvent } from '../events/index.ts';

/** Something that a transition asks to be done outside; `type` names it, the rest are its parameters. */
export interface Effect {
  readonly type: string;
}

/**
 * What every machine's context has: deadlines by name, in milliseconds since the Unix epoch. The runtime sends
 * `TimerRang` when one passes. Setting and clearing deadlines is part of the state, so a rebuilt actor has them.
 */
export interface Timed {
  readonly timers: Readonly<Record<string, number>>;
}

/** A kind of actor: its machine, and the prefix of the streams in which its instances live. */
export interface Kind {
  /** Streams are named `<name>-<identifier>`. */
  readonly name: string;
  /** Raised when stored snapshots of the machine's state no longer fit it. */
  readonly version: number;
  readonly machine: AnyStateMachine;
}

/**
 * Says whether another process runs an actor: the error for a message that is therefore not taken here. An actor's
 * owner is part of its state, so that its stream decides, and two that both take themselves for it find out.
 */
export type Fence = (snapshot: AnyMachineSnapshot, type: string, stream: string) => Error | undefined;

export interface Stepped {
  readonly snapshot: AnyMachineSnapshot;
  readonly effects: readonly Effect[];
  /** False when the machine does not take the event in this state; then nothing is stored. */
  readonly taken: boolean;
}

/** The state before the first event. */
export const initialSnapshot = (kind: Kind): AnyMachineSnapshot => prepare(kind.machine).initial;

/** The name of the state of an actor whose stream was deleted: it had ended, and nothing more is known of it. */
export const DELETED = 'deleted';

/** The state of an actor whose stream was deleted. It takes nothing. */
export const deletedSnapshot = (kind: Kind): AnyMachineSnapshot =>
  ({ ...initialSnapshot(kind), value: DELETED, status: 'done' }) as AnyMachineSnapshot;

/** Whether a state's name is that of an actor that has ended. */
export const isOver = (state: string): boolean => state === 'ended' || state === DELETED;

/**
 * One event through the machine: the only way in which an actor's state ever changes, live or replayed.
 * Machines ask for effects with an XState action whose parameters are the effect.
 */
export function step(kind: Kind, snapshot: AnyMachineSnapshot, event: MachineEvent): Stepped {
  // XState would still run a machine's own handlers; the last event of a stream is to be the last.
  if (snapshot.status === 'done') return { snapshot, effects: NO_EFFECTS, taken: false };
  const { scope, asked } = prepare(kind.machine);
  asked.length = 0;
  const next = kind.machine.transition(snapshot, event as never, scope) as AnyMachineSnapshot;
  const effects = asked.length === 0 ? NO_EFFECTS : asked.map((action) => action.params as Effect);
  return { snapshot: next, effects, taken: next !== snapshot || effects.length > 0 };
}

type TransitionScope = Parameters<AnyStateMachine['transition']>[2];

interface Prepared {
  readonly initial: AnyMachineSnapshot;
  readonly scope: TransitionScope;
  /** The actions of the transition under way. */
  readonly asked: { readonly params?: unknown }[];
}

const prepared = new WeakMap<AnyStateMachine, Prepared>();

/**
 * What XState's `transition` gives a machine to run in. It makes a new one, with an actor and its first state,
 * for every event, which is half of what a transition costs; our machines spawn nothing and send nothing through
 * it, so that one a machine does.
 */
function prepare(machine: AnyStateMachine): Prepared {
  const known = prepared.get(machine);
  if (known) return known;
  const asked: Prepared['asked'] = [];
  const self = createActor(machine);
  const nothing = () => {};
  const scope: TransitionScope = {
    self,
    system: self.system,
    id: '',
    sessionId: '',
    logger: nothing,
    defer: nothing,
    emit: nothing,
    stopChild: nothing,
    actionExecutor: (action) => asked.push(action),
  };
  const [initial] = initialTransition(machine as never, undefined as never) as [AnyMachineSnapshot, unknown];
  const made = { initial, scope, asked };
  prepared.set(machine, made);
  return made;
}

const NO_EFFECTS: readonly Effect[] = [];

/** The state as people read it: `active.talking`, or `dialog:ringing media:idle` where regions are parallel. */
export function stateName(value: AnyMachineSnapshot['value']): string {
  if (typeof value === 'string') return value;
  const entries = Object.entries(value as Record<string, AnyMachineSnapshot['value']>);
  const [only] = entries;
  if (only && entries.length === 1) {
    const inner = stateName(only[1]);
    return inner.includes(':') ? `${only[0]} ${inner}` : inner ? `${only[0]}.${inner}` : only[0];
  }
  return entries.map(([name, inner]) => `${name}:${stateName(inner)}`).join(' ');
}

/** The part of a snapshot that is stored and compared, as JSON with a stable order of keys. */
export const serializeState = (snapshot: AnyMachineSnapshot): string =>
  JSON.stringify({ value: snapshot.value, status: snapshot.status, context: snapshot.context });

/** The snapshot that `serializeState` wrote. */
export function restoreState(kind: Kind, state: string): AnyMachineSnapshot {
  const { value, status, context } = JSON.parse(state);
  const snapshot = kind.machine.resolveState({ value, context });
  return (snapshot.status === status ? snapshot : { ...snapshot, status }) as AnyMachineSnapshot;
}
