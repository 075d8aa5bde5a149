import { upcast } from '../events/index.ts';
import { callKind } from '../machines/call/index.ts';
import type { CallContext, CallEffect } from '../machines/execution/index.ts';
import { streamOf } from '../names/index.ts';
import { asMachineEvent, initialSnapshot, step } from '../runtime/index.ts';
import type { RecordedEvent } from '../stores/event-store/index.ts';
import { pipeAskedFor } from './call-history.ts';

/** Ids by which events of a call name its legs and pipes. */
const NAMES: readonly string[] = ['legId', 'pipeId', 'from', 'to'];
const ID = /^(?:LE|PI)[0-9a-fA-F]{32}$/;

/**
 * Finds the streams of a call's legs and pipes, from its own events one by one: a call may have more events than fit in
 * memory. What the call's machine knows of is found, and what an event names, should another machine have run the call.
 */
export class CallStreams {
  readonly #found = new Set<string>();
  #snapshot = initialSnapshot(callKind);

  /** Takes the next event of the call's stream. @throws runtime.unknown-version */
  take(stored: RecordedEvent): void {
    const { snapshot, effects } = step(callKind, this.#snapshot, asMachineEvent(upcast(stored)));
    this.#snapshot = snapshot;
    for (const effect of effects) this.#add(pipeAskedFor(effect as CallEffect)?.pipeId);
    for (const name of NAMES) this.#add((stored.data as Record<string, unknown>)[name]);
  }

  /** Names of the streams, each once. */
  list(): string[] {
    const { legs } = this.#snapshot.context as CallContext;
    for (const legId of Object.keys(legs)) this.#add(legId);
    return [...this.#found];
  }

  #add(id: unknown): void {
    if (typeof id === 'string' && ID.test(id)) this.#found.add(streamOf(id));
  }
}
