import { type CallHistory, type Participant, pipeAskedFor, pipeName } from '@tandem/actors/history';
import type { CallContext, CallEffect } from '@tandem/actors/machines/execution';
import { kindOf } from '@tandem/actors/machines/kinds';
import { callStream, isCallStream, isLegStream, streamOf } from '@tandem/actors/names';
import { asMachineEvent, initialSnapshot, stateName, step } from '@tandem/actors/runtime';
import type { RecordedEvent } from '@tandem/actors/stores/event-store';
import type { Messages, PathNode } from '@tandem/proto/generated/events.ts';
import type { AnyMachineSnapshot } from 'xstate';
import type { Look } from '../views/index.ts';
import { timelineLines } from '../views/index.ts';

/** A call as far as it has come: its participants and when it began. */
interface Watched extends CallHistory {
  readonly participants: Participant[];
  readonly start: number;
}

/** Shows calls event by event while they happen, in the form in which `tandem call` shows them afterwards. */
export class LiveView {
  readonly #look: Look;
  readonly #calls = new Map<string, Watched>();
  readonly #states = new Map<string, AnyMachineSnapshot>();

  constructor(look: Look) {
    this.#look = look;
  }

  /** The lines for an event; none for one that belongs to no call. */
  show(event: RecordedEvent): string[] {
    const kind = kindOf(event.stream);
    if (!kind || event.correlation === '') return [];
    const call = this.#callOf(event);
    name(call, event.stream);
    const before = this.#states.get(event.stream) ?? initialSnapshot(kind);
    const { snapshot: after, effects, taken } = step(kind, before, asMachineEvent(event));
    if (after.status === 'done') this.#states.delete(event.stream);
    else this.#states.set(event.stream, after);
    if (event.type === 'CallEnded') this.#calls.delete(event.correlation);
    for (const effect of effects as readonly CallEffect[]) {
      const pipe = isCallStream(event.stream) ? pipeAskedFor(effect) : undefined;
      if (pipe) namePipe(call, pipe);
      else if (effect.type === 'command' && 'legId' in effect) name(call, streamOf(effect.legId));
    }
    const participant = call.participants.find(({ stream }) => stream === event.stream)!;
    const [from, to] = [stateName(before.value), stateName(after.value)];
    const shown = { index: 0, participant, event, from, to, taken, effects, before, after };
    return timelineLines(shown, call.start, call, this.#look);
  }

  /** The gateways that a call's media passes now, in order; nothing while it is joined with nobody. */
  pathOf(callSid: string): readonly PathNode[] | undefined {
    const state = this.#states.get(callStream(callSid));
    return (state?.context as CallContext | undefined)?.media.path?.nodes;
  }

  #callOf({ correlation: callSid, time }: RecordedEvent): Watched {
    const call = this.#calls.get(callSid) ?? { callSid, participants: [], events: [], start: time };
    this.#calls.set(callSid, call);
    return call;
  }
}

function namePipe({ participants }: Watched, pipe: Messages['PipeRequested']): void {
  const stream = streamOf(pipe.pipeId);
  if (participants.some((one) => one.stream === stream)) return;
  participants.push({
    stream,
    name: pipeName(
      pipe,
      participants.map((one) => one.name),
    ),
  });
}

/** Names an actor of a call, as `tandem call` does, when it is first heard of or first spoken to. */
function name({ participants }: Watched, stream: string): void {
  if (participants.some((one) => one.stream === stream)) return;
  const legs = participants.filter((one) => isLegStream(one.stream)).length;
  const of = ['caller', 'callee'][legs] ?? `callee ${legs}`;
  participants.push({ stream, name: isCallStream(stream) ? 'call' : of });
}
