import { isTandemError, TandemError } from '../../errors/index.ts';
import type { EventStore, Position, RecordedEvent } from '../event-store/index.ts';

export interface WaitingEventStoreOptions {
  /** The store is away: nothing is stored until it is back. Called once each time. */
  readonly onAway?: (error: Error) => void;
  /** It is back, after so many milliseconds in which so many appends, deletes and reads waited for it. */
  readonly onBack?: (away: number, waited: number) => void;
  /** Milliseconds without any answer, while one is due, after which the store counts as away; 500 unless given. */
  readonly silence?: number;
}

export interface WaitingEventStore extends EventStore {
  /** Whether it waits for the store now. */
  readonly away: boolean;
  /** Waits no more: what waits, and what comes from now on, fails as the store fails it. For a process that ends. */
  stopWaiting(): void;
}

const SILENCE = 500;
/** Milliseconds from the end of one attempt at a store that is away to the next. */
const ATTEMPTS_APART = 100;
/** Times that one thing fails while others are stored, after which it is its own fault. */
const MOST_FAILURES = 5;

/** What only a store that is there can say. */
const ANSWERS = ['store.wrong-revision', 'store.stream-deleted', 'store.invalid-append'] as const;

/**
 * The store of a process whose actors go on when its cluster has a leader again: what cannot be stored or read now waits
 * and is done then, so that nobody who has something to store has to see to that. One attempt at a time finds out
 * whether the store is back. What the store refuses is refused at once; and so is everything before it has answered for
 * the first time, as its address or password may be wrong. Subscriptions are the store's own, which go on by themselves.
 *
 * An append is made again with its ids and its expectation, which changes nothing where the first was stored unheard.
 */
export function openWaitingEventStore(
  store: EventStore,
  { onAway = () => {}, onBack = () => {}, silence = SILENCE }: WaitingEventStoreOptions = {},
): WaitingEventStore {
  /** Attempts that are not answered, by when they began, the oldest first. */
  const underWay = new Set<{ readonly since: number }>();
  let answeredAt = performance.now();
  /** How often the store has answered. */
  let answers = 0;
  /** Appends, deletes and reads that are asked for and not done. */
  let wanted = 0;
  let isWaiting = true;
  let listening: NodeJS.Timeout | undefined;
  let away: { readonly since: number; waited: number } | undefined;
  /** What waits until the store is back, or until its turn to try. */
  let queue: (() => void)[] = [];
  let isTrying = false;
  let pausing: { readonly timer: NodeJS.Timeout; readonly end: () => void } | undefined;

  function goAway(error: Error): void {
    if (away !== undefined) return;
    away = { since: performance.now(), waited: wanted };
    onAway(error);
  }

  function answered(): void {
    answeredAt = performance.now();
    answers += 1;
    if (away === undefined) return;
    const { since, waited } = away;
    away = undefined;
    onBack(answeredAt - since, waited);
    release();
  }

  function release(): void {
    pausing?.end();
    const waiting = queue;
    queue = [];
    for (const go of waiting) go();
  }

  const mayWaitAfter = (error: unknown): error is Error =>
    isWaiting && answers > 0 && isTandemError(error, 'store.unavailable') && store.failure === undefined;

  /** A store that answers nothing at all is away; one that has much to do answers others meanwhile. */
  function listen(): void {
    // What has come by now is heard first: this process may have had too much to do itself.
    listening ??= setTimeout(() => setImmediate(judgeSilence), silence);
  }

  function judgeSilence(): void {
    listening = undefined;
    const [oldest] = underWay;
    if (oldest === undefined || !isWaiting) return;
    const silent = performance.now() - Math.max(oldest.since, answeredAt);
    const detail = `it has not answered for ${silence} ms`;
    if (answers > 0 && silent >= silence)
      goAway(new TandemError('store.unavailable', { store: 'shared', detail }));
    listen();
  }

  async function attempt<T>(work: () => Promise<T>): Promise<T> {
    const one = { since: performance.now() };
    underWay.add(one);
    listen();
    try {
      const result = await work();
      answered();
      return result;
    } catch (error) {
      if (ANSWERS.some((code) => isTandemError(error, code))) answered();
      throw error;
    } finally {
      underWay.delete(one);
    }
  }

  async function pause(): Promise<void> {
    const { promise, resolve: end } = Promise.withResolvers<void>();
    const timer = setTimeout(end, ATTEMPTS_APART);
    pausing = { timer, end };
    await promise;
    clearTimeout(timer);
    pausing = undefined;
  }

  const inQueue = (): Promise<void> => new Promise((resolve) => queue.push(resolve));

  /** Waits while the store is away. True for the one that is to try whether it is back. */
  async function admitted(): Promise<boolean> {
    while (away !== undefined && isWaiting) {
      if (!isTrying) {
        isTrying = true;
        await pause();
        return true;
      }
      await inQueue();
    }
    return false;
  }

  function nextTries(): void {
    isTrying = false;
    queue.shift()?.();
  }

  /** Lets the next one try first: what holds this one up may be its own fault. */
  async function giveWay(): Promise<void> {
    const turn = queue.length > 0 ? inQueue() : undefined;
    nextTries();
    await turn;
  }

  /** Does something until the store has answered; `again` is whether an attempt before may have done it. */
  async function persist<T>(work: (again: boolean) => Promise<T>): Promise<T> {
    wanted += 1;
    if (away !== undefined) away.waited += 1;
    try {
      return await tryUntilDone(work);
    } finally {
      wanted -= 1;
    }
  }

  async function tryUntilDone<T>(work: (again: boolean) => Promise<T>): Promise<T> {
    let failures = 0;
    let atLast = answers;
    for (let again = false; ; again = true) {
      // What is asked of a store that is there gets to it in this very turn.
      const tries = away !== undefined && (await admitted());
      const before = answers;
      try {
        const result = await attempt(() => work(again));
        if (tries) nextTries();
        return result;
      } catch (error) {
        if (answers !== atLast) failures += 1;
        atLast = answers;
        if (!mayWaitAfter(error) || failures === MOST_FAILURES) {
          if (tries) nextTries();
          throw error;
        }
        // What was under way when the store went away may fail long after it is back.
        if (answers === before) goAway(error);
        if (tries) await giveWay();
      }
    }
  }

  /** Reads on after what was given, however often the store goes away meanwhile. */
  async function* readOn(
    open: (last: RecordedEvent | undefined, limit: number | undefined) => AsyncIterable<RecordedEvent>,
    limit: number | undefined,
  ): AsyncGenerator<RecordedEvent> {
    let last: RecordedEvent | undefined;
    let given = 0;
    let events: AsyncIterator<RecordedEvent> | undefined;
    try {
      while (limit === undefined || given < limit) {
        const { done, value } = await persist((again) => {
          if (again || events === undefined)
            events = open(last, limit && limit - given)[Symbol.asyncIterator]();
          return events.next();
        });
        if (done) return;
        last = value;
        given += 1;
        yield value;
      }
    } finally {
      await events?.return?.();
    }
  }

  return {
    get failure() {
      return store.failure;
    },
    get away() {
      return away !== undefined;
    },
    append: (...what) => persist(() => store.append(...what)),
    readStream(stream, options = {}) {
      const step = options.direction === 'backwards' ? -1 : 1;
      return readOn((last, limit) => {
        const from = last === undefined ? options.from : last.revision + step;
        return from === -1 ? nothing() : store.readStream(stream, { ...options, from, limit });
      }, options.limit);
    },
    readAll: (options = {}) =>
      readOn((last, limit) => {
        const after: Position | undefined = last?.position ?? options.after;
        return store.readAll({ ...options, after, limit });
      }, options.limit),
    subscribeToAll: (from, handler) => store.subscribeToAll(from, handler),
    subscribeToStream: (stream, from, handler) => store.subscribeToStream(stream, from, handler),
    delete: (stream, expected) =>
      persist(async (again) => {
        try {
          await store.delete(stream, expected);
        } catch (error) {
          // The attempt that was not heard of has deleted it.
          if (!again || !isTandemError(error, 'store.stream-deleted')) throw error;
        }
      }),
    stopWaiting() {
      isWaiting = false;
      clearTimeout(listening);
      release();
    },
    close() {
      this.stopWaiting();
      return store.close();
    },
  };
}

async function* nothing(): AsyncGenerator<RecordedEvent> {}
