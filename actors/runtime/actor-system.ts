import type { AnyMachineSnapshot } from 'xstate';
import { isTandemError, TandemError } from '../errors/index.ts';
import type { Appended, Checkpoints, EventStore, NewEvent } from '../stores/event-store/index.ts';
import { Actor, type ActorHost } from './actor.ts';
import type { Effect, Fence, Kind, Timed } from './behaviour.ts';
import type { AnyEffectHandlers, EffectHandlers } from './effects.ts';
import { LiveStreams } from './live-streams.ts';
import type { Message, Outcome } from './message.ts';
import { TimerTable } from './timer-table.ts';

export interface ActorSystemOptions {
  readonly store: EventStore;
  readonly checkpoints: Checkpoints;
  /** Name of this process's place, the same after a restart: `us1`, `ie1/gw1`. */
  readonly node: string;
  /** Whether other processes write streams of the same kinds into the store; the default is that none does. */
  readonly shared?: boolean;
  /** Written into every event. */
  readonly region: string;
  readonly now?: () => number;
  /** Called with what went wrong in the background; it is in the actor's stream as well where that is possible. */
  readonly onError?: (error: unknown, stream: string) => void;
  /** Called when an actor has come to its end, with its last state. */
  readonly onEnded?: (stream: string, snapshot: AnyMachineSnapshot) => void;
  /** Milliseconds without a message after which an actor is put away; its state is in the store. */
  readonly idleAfter?: number;
  /** Events between two stored snapshots of a state. */
  readonly snapshotEvery?: number;
  /** Milliseconds between two notes of who is live; what came since the last but one is read at the next start. */
  readonly saveLiveEvery?: number;
}

/** Actors that are brought back at a time: what they store is committed together. */
const RECOVERED_TOGETHER = 256;

interface Registered {
  readonly kind: Kind;
  readonly handlers: AnyEffectHandlers;
  readonly fence: Fence | undefined;
}

/**
 * The actors of one process. They are loaded from their streams when something is said to them and put away
 * when nothing is. It owns the timers and actors; the store belongs to whoever opened it.
 */
export class ActorSystem {
  readonly #options: ActorSystemOptions;
  readonly #kinds = new Map<string, Registered>();
  readonly #actors = new Map<string, Actor>();
  readonly #live: LiveStreams;
  readonly #timers: TimerTable;
  readonly #host: ActorHost;
  readonly #sweeper: NodeJS.Timeout;
  readonly #now: () => number;
  #found: Promise<string[]> | undefined;
  #saver: NodeJS.Timeout | undefined;
  #saving: Promise<void> | undefined;
  #closed = false;

  constructor(options: ActorSystemOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    const { store, checkpoints, node, shared = false, idleAfter = 60_000 } = options;
    this.#live = new LiveStreams(
      node,
      store,
      checkpoints,
      (stream) => this.#registered(stream) !== undefined,
      shared,
    );
    this.#timers = new TimerTable((stream, timer) => this.#ring(stream, timer), this.#now);
    this.#host = {
      store,
      region: options.region,
      snapshotEvery: options.snapshotEvery ?? 500,
      shared,
      now: this.#now,
      tell: (stream, message) => this.tell(stream, message),
      changed: (stream, snapshot) => this.#changed(stream, snapshot),
      lost: (stream) => this.#lost(stream),
      failed: (stream, error) => options.onError?.(error, stream),
    };
    this.#sweeper = setInterval(() => this.putAway(idleAfter), Math.max(idleAfter / 2, 10));
    this.#sweeper.unref();
  }

  /**
   * Says how the effects of a kind of actor are carried out here. The fence tells actors of that kind that other
   * processes run.
   */
  register<E extends Effect, A extends E['type'] = never>(
    kind: Kind,
    handlers: EffectHandlers<E, A>,
    fence?: Fence,
  ): void {
    this.#kinds.set(kind.name, { kind, handlers: handlers as unknown as AnyEffectHandlers, fence });
  }

  /**
   * Says something to an actor; resolves when what it changes is durable, or with the state that does not take
   * it. What follows from appends to the same store, which may be under way, becomes durable with these or after them,
   * and not without one of them (`store.not-preceded`).
   *
   * @throws runtime.* and store.*
   */
  async tell(stream: string, message: Message, after?: readonly Promise<Appended>[]): Promise<Outcome> {
    if (this.#closed) throw new TandemError('runtime.closed', {});
    return this.#actor(stream).tell(message, after);
  }

  /**
   * Stores the events of an actor that another process had, as they are; it is an actor of this process from then on.
   * Taking it again changes nothing.
   *
   * @throws store.wrong-revision when its stream is here and is another
   */
  async takeUp(stream: string, events: readonly NewEvent[]): Promise<void> {
    await this.#options.store.append(stream, 'no-stream', events);
    // Asked for before, it is remembered as one that does not exist.
    if (!this.#actors.get(stream)?.busy) this.#actors.delete(stream);
  }

  /** The stored state of an actor. */
  snapshot(stream: string): Promise<AnyMachineSnapshot> {
    return this.#actor(stream).snapshot();
  }

  /**
   * Streams of the actors that were live when the process last went away; some of them may have ended. Of use before
   * `recover`, which finds the same.
   *
   * @throws store.*
   */
  findLive(): Promise<string[]> {
    this.#found ??= this.#live.find();
    return this.#found;
  }

  /**
   * Finds the actors that were live when the process last went away, arms their timers and tells each that its
   * owner is back, or what else it is to hear first. To be called once, before anything else is told. An actor whose
   * stream cannot be read is reported and left as it is.
   *
   * @returns how many there were
   * @throws store.*
   */
  async recover(instead: (stream: string) => Message | undefined = () => undefined): Promise<number> {
    const streams = await this.findLive();
    let found = 0;
    for (let at = 0; at < streams.length; at += RECOVERED_TOGETHER) {
      const some = streams.slice(at, at + RECOVERED_TOGETHER);
      const live = await Promise.all(some.map((stream) => this.#restart(stream, instead(stream))));
      found += live.filter(Boolean).length;
    }
    await this.#live.save();
    this.#saver = setInterval(() => this.#saveLive(), this.#options.saveLiveEvery ?? 30_000);
    this.#saver.unref();
    return found;
  }

  /** Whether an actor is live. One that cannot be brought back holds up no other; the next start finds it again. */
  async #restart(stream: string, instead: Message | undefined): Promise<boolean> {
    try {
      const snapshot = await this.snapshot(stream);
      if (snapshot.status === 'done') {
        this.#live.delete(stream);
        this.#actors.delete(stream);
        return false;
      }
      if (this.#registered(stream)?.fence?.(snapshot, 'OwnerRestarted', stream)) {
        this.#lost(stream);
        return false;
      }
      this.#timers.set(stream, (snapshot.context as Timed).timers);
      await this.tell(stream, instead ?? { type: 'OwnerRestarted', data: { node: this.#options.node } });
      return true;
    } catch (error) {
      if (error instanceof TandemError && error.code.startsWith('store.')) throw error;
      if (isTandemError(error, 'runtime.not-owner')) return false;
      this.#options.onError?.(error, stream);
      return false;
    }
  }

  #saveLive(): void {
    this.#saving ??= this.#live
      .checkpoint()
      .catch((error) => this.#options.onError?.(error, 'live-streams'))
      .finally(() => {
        this.#saving = undefined;
      });
  }

  /** Actors that are not at their end. */
  get live(): number {
    return this.#live.size;
  }

  /** Whether an actor is at work here: it was changed here, and is not at its end. */
  isLive(stream: string): boolean {
    return this.#live.has(stream);
  }

  /** Streams of the actors that are not at their end. */
  liveStreams(): string[] {
    return this.#live.list();
  }

  /** Actors in memory. */
  get loaded(): number {
    return this.#actors.size;
  }

  /** Drops actors that had nothing to do for so long, in milliseconds; their streams have their state. */
  putAway(idleFor: number): void {
    const before = performance.now() - idleFor;
    for (const [stream, actor] of this.#actors)
      if (!actor.busy && actor.touched <= before) this.#actors.delete(stream);
  }

  /** Waits for what is under way, and takes no more. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#sweeper);
    clearInterval(this.#saver);
    this.#timers.close();
    await Promise.all([...this.#actors.values()].map((actor) => actor.idle()));
    await this.#saving;
    await this.#live.save();
    this.#actors.clear();
  }

  #registered(stream: string): Registered | undefined {
    return this.#kinds.get(stream.slice(0, stream.indexOf('-')));
  }

  #actor(stream: string): Actor {
    const loaded = this.#actors.get(stream);
    if (loaded) return loaded;
    const registered = this.#registered(stream);
    if (!registered) throw new TandemError('runtime.unknown-actor', { stream });
    const actor = new Actor(registered.kind, stream, registered.handlers, this.#host, registered.fence);
    actor.touched = performance.now();
    this.#actors.set(stream, actor);
    return actor;
  }

  #changed(stream: string, snapshot: AnyMachineSnapshot): void {
    const done = snapshot.status === 'done';
    this.#timers.set(stream, done ? NO_TIMERS : (snapshot.context as Timed).timers);
    if (done) {
      this.#live.delete(stream);
      this.#options.onEnded?.(stream, snapshot);
    } else this.#live.add(stream);
  }

  /** Another process runs the actor: its timers ring there. */
  #lost(stream: string): void {
    this.#timers.set(stream, NO_TIMERS);
    this.#live.delete(stream);
  }

  #ring(stream: string, timer: string): void {
    this.tell(stream, { type: 'TimerRang', data: { timer } }).catch((error) => {
      if (!isTandemError(error, 'runtime.not-owner')) this.#options.onError?.(error, stream);
    });
  }
}

const NO_TIMERS = {};
