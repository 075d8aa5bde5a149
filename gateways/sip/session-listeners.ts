import type { SessionEvents } from './session.ts';

type ListenerOf<E extends keyof SessionEvents> = (...args: SessionEvents[E]) => void;
type Listener = (argument: unknown) => void;

/** The listeners of one session. One that throws harms neither the others nor the session. */
export class SessionListeners {
  readonly #listeners = new Map<keyof SessionEvents, Listener[]>();
  readonly #onError: (error: unknown) => void;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  add<E extends keyof SessionEvents>(event: E, listener: ListenerOf<E>): void {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener as Listener]);
  }

  remove<E extends keyof SessionEvents>(event: E, listener: ListenerOf<E>): void {
    const left = this.#listeners.get(event)?.filter((other) => other !== (listener as Listener)) ?? [];
    if (left.length === 0) this.#listeners.delete(event);
    else this.#listeners.set(event, left);
  }

  has(event: keyof SessionEvents): boolean {
    return this.#listeners.has(event);
  }

  emit<E extends keyof SessionEvents>(event: E, ...args: SessionEvents[E]): void {
    for (const listener of this.#listeners.get(event) ?? []) {
      try {
        listener(args[0]);
      } catch (error) {
        this.#onError(error);
      }
    }
  }
}
