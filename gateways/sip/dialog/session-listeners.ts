import type { SessionEvents, SessionListener } from './session.ts';
import type { SessionHost } from './session-host.ts';

type ListenerOf<E extends keyof SessionEvents> = (...args: SessionEvents[E]) => void;
type Listener = (argument: unknown) => void;

/** The listeners of one session. One that throws harms neither the others nor the session. */
export class SessionListeners {
  /** A gateway has many sessions at a time: one object for all events takes a tenth of what a function each does. */
  #all: SessionListener | undefined;
  #single: Map<keyof SessionEvents, Listener[]> | undefined;
  readonly #host: Pick<SessionHost, 'onListenerError'>;

  constructor(host: Pick<SessionHost, 'onListenerError'>) {
    this.#host = host;
  }

  listen(listener: SessionListener): void {
    this.#all = listener;
  }

  add<E extends keyof SessionEvents>(event: E, listener: ListenerOf<E>): void {
    this.#single ??= new Map();
    this.#single.set(event, [...(this.#single.get(event) ?? []), listener as Listener]);
  }

  remove<E extends keyof SessionEvents>(event: E, listener: ListenerOf<E>): void {
    const left = this.#single?.get(event)?.filter((other) => other !== (listener as Listener)) ?? [];
    if (left.length === 0) this.#single?.delete(event);
    else this.#single?.set(event, left);
  }

  has(event: keyof SessionEvents): boolean {
    return this.#all?.[event] !== undefined || this.#single?.has(event) === true;
  }

  emit<E extends keyof SessionEvents>(event: E, ...args: SessionEvents[E]): void {
    const all = this.#all;
    const tell = all?.[event] as ListenerOf<E> | undefined;
    if (tell !== undefined) this.#try(() => tell.apply(all, args));
    for (const listener of this.#single?.get(event) ?? []) this.#try(() => listener(args[0]));
  }

  #try(tell: () => void): void {
    try {
      tell();
    } catch (error) {
      this.#host.onListenerError(error);
    }
  }
}
