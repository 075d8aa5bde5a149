import type { Messages } from '@tandem/proto/generated/events.ts';
import type { AnyMachineSnapshot } from 'xstate';
import { TandemError } from '../errors/index.ts';
import { isEventType } from '../events/index.ts';
import type { CallContext, CallEffect } from '../machines/execution/index.ts';
import { kindOf } from '../machines/kinds/index.ts';
import { callStream, legStream, pipeStream } from '../names/index.ts';
import { type Effect, type ReplayedStep, replay, stateName } from '../runtime/index.ts';
import type { EventStore, RecordedEvent } from '../stores/event-store/index.ts';
import { causalOrder } from './causal-order.ts';

/** An actor that took part in a call. */
export interface Participant {
  readonly stream: string;
  /** What people call it: `call`, `caller`, `callee`, or `callee 2` where there are several. */
  readonly name: string;
}

/** Everything that was stored of a call. */
export interface CallHistory {
  readonly callSid: string;
  /** The call first, then its legs in the order in which they came. */
  readonly participants: readonly Participant[];
  /** Events of all of them: causes before what they caused. */
  readonly events: readonly RecordedEvent[];
}

/** One event of a call's history, and what it did to its actor. */
export interface HistoryStep {
  /** Place in the history, from 0. */
  readonly index: number;
  readonly participant: Participant;
  readonly event: RecordedEvent;
  /** The names of the states. */
  readonly from: string;
  readonly to: string;
  /**
   * False when this program's machine does not take the event in that state. What is stored was taken, so the
   * machine that ran the call was another one.
   */
  readonly taken: boolean;
  /** What the actor asked to be done outside. */
  readonly effects: readonly Effect[];
  readonly before: AnyMachineSnapshot;
  readonly after: AnyMachineSnapshot;
}

/** More events than the longest call has; a history with more is refused rather than held in memory. */
const MOST_EVENTS = 50_000;

export interface HistoryOptions {
  /** Most events of the call and all its legs together. */
  readonly limit?: number;
}

/**
 * Reads the events of a call and of its legs; nothing when the store has no such call.
 *
 * @throws api.history-too-long, runtime.unknown-event, runtime.unknown-version, store.*
 */
export async function readCallHistory(
  store: EventStore,
  callSid: string,
  { limit = MOST_EVENTS }: HistoryOptions = {},
): Promise<CallHistory | undefined> {
  let left = limit;
  const read = async (stream: string): Promise<RecordedEvent[]> => {
    const events = await Array.fromAsync(store.readStream(stream, { limit: left + 1 }));
    if (events.length > left) throw new TandemError('api.history-too-long', { callSid, limit });
    left -= events.length;
    return events;
  };
  const call: Participant = { stream: callStream(callSid), name: 'call' };
  const callEvents = await read(call.stream);
  if (callEvents.length === 0) return undefined;
  const others = othersOf(call.stream, callEvents);
  const streams = [callEvents];
  for (const { stream } of others) streams.push(await read(stream));
  return { callSid, participants: [call, ...others], events: causalOrder(streams) };
}

/** The legs of a call, as its own machine knows them, and the ends of pipes that it asked for. */
function othersOf(stream: string, events: readonly RecordedEvent[]): Participant[] {
  let context: CallContext | undefined;
  const pipes = new Map<string, string>();
  for (const { after, effects } of stepsOf(stream, events)) {
    context = after.context as CallContext;
    for (const effect of effects) {
      const pipe = pipeAskedFor(effect as CallEffect);
      if (pipe) pipes.set(pipe.pipeId, pipeName(pipe, [...pipes.values()]));
    }
  }
  const legs = legsOf(context);
  return [...legs, ...[...pipes].map(([id, name]) => ({ stream: pipeStream(id), name }))];
}

/** The end of a pipe that an effect of a call's asks for, if it does. */
export const pipeAskedFor = (effect: CallEffect): Messages['PipeRequested'] | undefined =>
  effect.type === 'command' && effect.message.type === 'PipeRequested'
    ? (effect.message.data as Messages['PipeRequested'])
    : undefined;

/** `uk1→de1`: the end in uk1 of a pipe towards de1; one of several is numbered. */
export function pipeName({ region, towards }: Messages['PipeRequested'], others: readonly string[]): string {
  const name = `${region}→${towards}`;
  const same = others.filter((other) => other === name || other.startsWith(`${name} `)).length;
  return same === 0 ? name : `${name} ${same + 1}`;
}

function legsOf(context: CallContext | undefined): Participant[] {
  const legIds = Object.keys(context?.legs ?? {});
  const callees = legIds.filter((legId) => legId !== context?.caller);
  return legIds.map((legId) => ({ stream: legStream(legId), name: nameOf(legId, callees) }));
}

function nameOf(legId: string, callees: readonly string[]): string {
  const index = callees.indexOf(legId);
  if (index === -1) return 'caller';
  return callees.length === 1 ? 'callee' : `callee ${index + 1}`;
}

/**
 * Steps every actor of a call through its events, with the machines that ran it and nothing else.
 *
 * @throws runtime.unknown-event, runtime.unknown-version
 */
export function* replayCall({ participants, events }: CallHistory): Generator<HistoryStep> {
  const streams = Map.groupBy(events, (event) => event.stream);
  const actors = new Map(
    participants.map((participant) => {
      const own = streams.get(participant.stream) ?? [];
      return [participant.stream, { participant, steps: stepsOf(participant.stream, own) }];
    }),
  );
  for (const [index, { stream }] of events.entries()) {
    const { participant, steps } = actors.get(stream)!;
    const { event, before, after, effects } = steps.next().value as ReplayedStep;
    const [from, to] = [stateName(before.value), stateName(after.value)];
    const taken = after !== before || effects.length > 0;
    yield { index, participant, event, from, to, taken, effects, before, after };
  }
}

function* stepsOf(stream: string, events: readonly RecordedEvent[]): Generator<ReplayedStep> {
  const kind = kindOf(stream);
  if (!kind) throw new TandemError('runtime.unknown-actor', { stream });
  yield* replay(kind, known(events));
}

/** A machine ignores what it does not know; in a history that would be a lie. */
function* known(events: readonly RecordedEvent[]): Generator<RecordedEvent> {
  for (const event of events) {
    if (!isEventType(event.type)) throw new TandemError('runtime.unknown-event', { type: event.type });
    yield event;
  }
}

/** A call as it was right after one event of its history. */
export interface Moment {
  readonly callSid: string;
  readonly step: HistoryStep;
  /** The last step of each actor that there was by then. */
  readonly states: readonly HistoryStep[];
}

/**
 * The state of a whole call after the event at an index of its history.
 *
 * @param steps the history’s own, where the caller paces them
 * @throws api.no-such-moment, runtime.unknown-event, runtime.unknown-version
 */
export async function momentOf(
  history: CallHistory,
  at: number,
  steps: Iterable<HistoryStep> | AsyncIterable<HistoryStep> = replayCall(history),
): Promise<Moment> {
  const states = new Map<string, HistoryStep>();
  for await (const step of steps) {
    states.set(step.participant.stream, step);
    if (step.index === at) return { callSid: history.callSid, step, states: [...states.values()] };
  }
  throw new TandemError('api.no-such-moment', { at, last: history.events.length - 1 });
}
