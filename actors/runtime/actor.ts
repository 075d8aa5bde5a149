import { randomUUID } from 'node:crypto';
import type { AnyMachineSnapshot } from 'xstate';
import { asRecorded, isTandemError, TandemError } from '../errors/index.ts';
import type { MachineEvent } from '../events/index.ts';
import { currentVersion, derivedUuid, verifyEvent } from '../events/index.ts';
import type { Appended, EventStore, NewEvent, RecordedEvent } from '../stores/event-store/index.ts';
import { type Effect, type Fence, type Kind, stateName, step } from './behaviour.ts';
import type { AnyEffectHandlers, EffectScope } from './effects.ts';
import type { Message, Outcome } from './message.ts';
import { type Rebuilt, rebuild } from './rebuild.ts';
import { saveSnapshot } from './snapshots.ts';

/** Messages that may wait for one actor; a peer that sends faster than the store stores is refused. */
const MAILBOX_LIMIT = 10_000;
/** Event ids that an actor remembers, to know a message that it has had before. */
const REMEMBERED_IDS = 256;
/** How often an append is decided anew when another writer was first. */
const ATTEMPTS = 5;

/** What an actor needs of the system that it lives in. */
export interface ActorHost {
  readonly store: EventStore;
  readonly region: string;
  readonly snapshotEvery: number;
  /** Whether other processes write the store's streams of these kinds, too. */
  readonly shared: boolean;
  now(): number;
  /** Says something to an actor, this one or whichever has its place by then. */
  tell(stream: string, message: Message): Promise<Outcome>;
  /** The actor's state is now this one, and durable. */
  changed(stream: string, snapshot: AnyMachineSnapshot): void;
  /** Another process runs the actor now. */
  lost(stream: string): void;
  failed(stream: string, error: unknown): void;
}

const isNotOwner = (error: unknown): boolean => isTandemError(error, 'runtime.not-owner');

interface Letter {
  readonly message: Message;
  /** The appends that it follows from. */
  readonly after: readonly Promise<Appended>[];
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

/** What became of the letters: those that change something, and the answers to those that do not. */
interface Decided {
  readonly taken: readonly Taken[];
  readonly answers: readonly Answer[];
}

/** The answer to a letter that changes nothing; it counts only if what the letter follows from is stored. */
interface Answer extends Pick<Letter, 'after' | 'reject'> {
  readonly give: () => void;
}

/** A letter whose message the machine took, with the event that it becomes and the state after it. */
interface Taken {
  readonly letter: Letter;
  readonly event: NewEvent;
  readonly effects: readonly Effect[];
  readonly snapshot: AnyMachineSnapshot;
}

/**
 * One actor: a machine and its stream. Messages go through the machine one after the other; what they change is
 * appended before any effect of theirs is carried out and before anybody hears of it.
 */
export class Actor {
  readonly kind: Kind;
  readonly stream: string;
  /** When it last had something to do. */
  touched = 0;
  readonly #host: ActorHost;
  readonly #fence: Fence | undefined;
  readonly #handlers: AnyEffectHandlers;
  #mailbox: Letter[] = [];
  #state: Rebuilt | undefined;
  #ids = new Set<string>();
  #draining: Promise<void> | undefined;

  constructor(kind: Kind, stream: string, handlers: AnyEffectHandlers, host: ActorHost, fence?: Fence) {
    this.kind = kind;
    this.stream = stream;
    this.#handlers = handlers;
    this.#host = host;
    this.#fence = fence;
  }

  get busy(): boolean {
    return this.#draining !== undefined;
  }

  tell(message: Message, after: readonly Promise<Appended>[] = []): Promise<Outcome> {
    this.touched = performance.now();
    if (this.#mailbox.length >= MAILBOX_LIMIT)
      return Promise.reject(
        new TandemError('runtime.mailbox-full', { stream: this.stream, limit: MAILBOX_LIMIT }),
      );
    const told = new Promise<Outcome>((resolve, reject) =>
      this.#mailbox.push({ message, after, resolve, reject }),
    );
    this.#draining ??= this.#drain();
    return told;
  }

  /** The state as it is stored now. */
  async snapshot(): Promise<AnyMachineSnapshot> {
    await this.#draining;
    return (await this.#load()).snapshot;
  }

  /** Resolves when no message waits. */
  async idle(): Promise<void> {
    while (this.#draining) await this.#draining;
  }

  async #drain(): Promise<void> {
    try {
      // What is said in the same breath is decided, and stored, together.
      await undefined;
      while (this.#mailbox.length > 0) {
        const letters = this.#mailbox;
        this.#mailbox = [];
        await this.#deliver(letters);
      }
    } finally {
      this.#draining = undefined;
    }
  }

  async #deliver(all: readonly Letter[]): Promise<void> {
    let letters = all;
    try {
      for (let attempt = 1; ; attempt++) {
        const remembered = this.#state !== undefined;
        const state = await this.#load();
        const { taken, answers } = this.#decide(state, letters);
        // What is to change nothing is not refused by the store; another process may have changed the state.
        if (taken.length === 0 && remembered && this.#host.shared && !(await this.#isNewest(state))) {
          this.#forget();
          continue;
        }
        try {
          if (taken.length > 0) await this.#commit(state, taken);
          for (const answer of answers) void giveAnswer(answer);
          break;
        } catch (error) {
          this.#forget();
          if (isTandemError(error, 'store.not-preceded')) {
            letters = await rejectOrphans(letters, error);
            continue;
          }
          const isStale =
            isTandemError(error, 'store.wrong-revision') || isTandemError(error, 'store.stream-deleted');
          if (!isStale) throw error;
          if (attempt === ATTEMPTS)
            throw new TandemError('runtime.contended', { stream: this.stream, attempts: ATTEMPTS });
        }
      }
    } catch (error) {
      for (const letter of letters) letter.reject(error);
    }
  }

  async #load(): Promise<Rebuilt> {
    if (this.#state) return this.#state;
    const { store, snapshotEvery } = this.#host;
    const state = await rebuild(store, this.kind, this.stream, { remember: REMEMBERED_IDS, snapshotEvery });
    this.#ids = new Set(state.recentIds);
    this.#state = state;
    return state;
  }

  async #isNewest({ revision }: Rebuilt): Promise<boolean> {
    try {
      const last = this.#host.store.readStream(this.stream, { direction: 'backwards', limit: 1 });
      for await (const event of last) return event.revision === revision;
    } catch (error) {
      if (!isTandemError(error, 'store.stream-deleted')) throw error;
    }
    return revision === -1;
  }

  /** After a failed append, memory no longer says what the stream says. */
  #forget(): void {
    this.#state = undefined;
  }

  /** Runs the messages through the machine. Those it does not take have their answer. */
  #decide(state: Rebuilt, letters: readonly Letter[]): Decided {
    const taken: Taken[] = [];
    const answers: Answer[] = [];
    const time = this.#host.now();
    let snapshot = state.snapshot;
    let correlation = state.correlation;
    const decide = (letter: Letter): void => {
      const { type, data, id, cause = '' } = letter.message;
      if (id !== undefined && (this.#ids.has(id) || taken.some((one) => one.event.id === id))) {
        answers.push({ ...letter, give: () => letter.resolve({ taken: true, duplicate: true }) });
        return;
      }
      const refused = this.#fence?.(snapshot, type, this.stream);
      if (refused) {
        this.#host.lost(this.stream);
        answers.push({ ...letter, give: () => letter.reject(refused) });
        return;
      }
      try {
        verifyEvent(type, data);
        correlation = letter.message.correlation ?? correlation;
        const event: NewEvent = {
          id: id ?? randomUUID(),
          type,
          version: currentVersion(type),
          time,
          region: this.#host.region,
          cause,
          correlation,
          data,
        };
        const isRefused = letter.message.accepts?.(snapshot.context) === false;
        const stepped = isRefused ? NOT_TAKEN : this.#step(snapshot, event);
        if (!stepped.taken) {
          const { value } = snapshot;
          answers.push({ ...letter, give: () => letter.resolve({ taken: false, state: stateName(value) }) });
          return;
        }
        snapshot = stepped.snapshot;
        taken.push({ letter, event, effects: stepped.effects, snapshot });
        for (const effect of stepped.effects) {
          const answer = this.#answerTo(effect, event, answers);
          if (answer) decide(answer);
        }
      } catch (error) {
        answers.push({ ...letter, give: () => letter.reject(error) });
      }
    };
    for (const letter of letters) decide(letter);
    return { taken, answers };
  }

  /** What comes of an effect that does nothing outside, as a letter that the actor gets at once. */
  #answerTo(effect: Effect, event: NewEvent, answers: Answer[]): Letter | undefined {
    const failed = (error: unknown) => this.#effectFailed(effect, event, error);
    const handler = this.#handlers[effect.type];
    if (typeof handler !== 'object') return undefined;
    const letter = { after: [], resolve: () => {}, reject: failed };
    try {
      return { ...letter, message: { ...handler.answer(effect as never), cause: event.id } as Message };
    } catch (error) {
      answers.push({ ...letter, give: () => failed(error) });
      return undefined;
    }
  }

  #step(snapshot: AnyMachineSnapshot, event: NewEvent) {
    try {
      return step(this.kind, snapshot, event as unknown as MachineEvent);
    } catch (error) {
      const detail = asRecorded(error).message;
      throw new TandemError(
        'runtime.machine-failed',
        { stream: this.stream, type: event.type, detail },
        { cause: error },
      );
    }
  }

  /** Makes what was decided durable, then lets it be known: memory, timers, effects, answers. */
  async #commit(state: Rebuilt, taken: readonly Taken[]): Promise<void> {
    const events = taken.map((one) => one.event);
    const expected = state.revision === -1 ? 'no-stream' : state.revision;
    const after = taken.flatMap(({ letter }) => letter.after);
    const { revision, position } = await this.#host.store.append(this.stream, expected, events, { after });
    const { snapshot, event } = taken.at(-1)!;
    this.#state = { ...state, snapshot, revision, recentIds: [], correlation: event.correlation };
    for (const one of events) this.#remember(one.id);
    this.#host.changed(this.stream, snapshot);
    taken.forEach((one, index) => {
      const at = revision - taken.length + 1 + index;
      this.#perform(one, { ...one.event, stream: this.stream, revision: at, position });
      one.letter.resolve({ taken: true, revision: at, state: stateName(one.snapshot.value) });
    });
    if (revision - state.snapshotRevision >= this.#host.snapshotEvery)
      await this.#snapshot(snapshot, revision);
  }

  #remember(id: string): void {
    this.#ids.add(id);
    if (this.#ids.size > REMEMBERED_IDS) this.#ids.delete(this.#ids.values().next().value!);
  }

  #perform({ effects, snapshot }: Taken, event: RecordedEvent): void {
    effects.forEach((effect, index) => {
      const handler = this.#handlers[effect.type];
      if (typeof handler === 'object') return;
      const scope: EffectScope = {
        stream: this.stream,
        event,
        effectId: derivedUuid(event.id, `${effect.type} ${index}`),
        state: snapshot,
        tell: (type, data) => this.#host.tell(this.stream, { type, data, cause: event.id } as Message),
      };
      try {
        if (!handler)
          throw new TandemError('runtime.unknown-effect', { stream: this.stream, effect: effect.type });
        const result = handler(effect as never, scope);
        if (result instanceof Promise) result.catch((error) => this.#effectFailed(effect, event, error));
      } catch (error) {
        this.#effectFailed(effect, event, error);
      }
    });
  }

  /** An effect that throws must not be lost, nor take anything else down. */
  #effectFailed(effect: Effect, event: NewEvent, error: unknown): void {
    // Whoever runs the actor now has asked for the same again.
    if (isNotOwner(error)) return;
    this.#host.failed(this.stream, error);
    const failure = { action: effect.type, ...asRecorded(error) };
    this.#host
      .tell(this.stream, { type: 'ActionFailed', data: failure, cause: event.id })
      .catch((lost) => isNotOwner(lost) || this.#host.failed(this.stream, lost));
  }

  async #snapshot(snapshot: AnyMachineSnapshot, revision: number): Promise<void> {
    try {
      await saveSnapshot(this.#host.store, this.kind, this.stream, snapshot, revision);
      if (this.#state) this.#state = { ...this.#state, snapshotRevision: revision };
    } catch (error) {
      // The actor is as good without it; the next one will be tried.
      this.#host.failed(this.stream, error);
    }
  }
}

const NOT_TAKEN = { taken: false } as const;

/** Answers the letters that follow from an append which failed. What the others follow from is durable by now. */
async function rejectOrphans(letters: readonly Letter[], error: unknown): Promise<Letter[]> {
  const preceded = await Promise.all(letters.map(({ after }) => allSucceed(after)));
  for (const [i, letter] of letters.entries()) if (!preceded[i]) letter.reject(error);
  return letters.filter((_, i) => preceded[i]).map((letter) => ({ ...letter, after: [] }));
}

const allSucceed = async (appends: readonly Promise<unknown>[]): Promise<boolean> =>
  (await Promise.allSettled(appends)).every(({ status }) => status === 'fulfilled');

async function giveAnswer({ after, reject, give }: Answer): Promise<void> {
  if (after.length === 0 || (await allSucceed(after))) give();
  else reject(new TandemError('store.not-preceded', {}));
}
