import { TandemError } from '../../errors/tandem-error.ts';
import type { EventStore } from '../event-store/event-store.ts';

/**
 * How a store is away: its attempts fail at once, are never answered while it is away, or are done with the answer lost.
 */
export type Absence = 'refuses' | 'is silent' | 'loses answers';

/** A store that goes away and comes back when a test says so. */
export interface LeavingStore extends EventStore {
  leave(how: Absence): void;
  comeBack(): void;
  /** Attempts that came while it was away. */
  readonly missed: number;
  /** Resolves once so many attempts have come while it was away, in all. */
  missing(attempts: number): Promise<void>;
}

const unavailable = (): TandemError =>
  new TandemError('store.unavailable', { store: 'test', detail: 'away' });

/** `store` belongs to what is returned, which closes it. */
export function leavingStore(store: EventStore): LeavingStore {
  let absence: Absence | undefined;
  let missed = 0;
  let back = Promise.withResolvers<void>();
  const watchers = new Set<() => void>();

  async function through<T>(work: () => Promise<T>): Promise<T> {
    if (absence === undefined) return work();
    missed += 1;
    for (const watch of watchers) watch();
    if (absence === 'is silent') {
      await back.promise;
      return work();
    }
    if (absence === 'loses answers') await work();
    throw unavailable();
  }

  async function* reading<T>(events: AsyncIterable<T>): AsyncGenerator<T> {
    const iterator = events[Symbol.asyncIterator]();
    try {
      for (;;) {
        const { done, value } = await through(() => iterator.next());
        if (done) return;
        yield value;
      }
    } finally {
      await iterator.return?.();
    }
  }

  return {
    get failure() {
      return store.failure;
    },
    get missed() {
      return missed;
    },
    leave(how) {
      absence = how;
      back = Promise.withResolvers();
    },
    comeBack() {
      absence = undefined;
      back.resolve();
    },
    async missing(attempts) {
      while (missed < attempts) {
        const { promise, resolve } = Promise.withResolvers<void>();
        watchers.add(resolve);
        await promise;
        watchers.delete(resolve);
      }
    },
    append: (stream, expected, events, options) =>
      through(() => store.append(stream, expected, events, options)),
    readStream: (...what) => reading(store.readStream(...what)),
    readAll: (...what) => reading(store.readAll(...what)),
    subscribeToAll: (...what) => store.subscribeToAll(...what),
    subscribeToStream: (...what) => store.subscribeToStream(...what),
    delete: (stream, expected) => through(() => store.delete(stream, expected)),
    close: () => store.close(),
  };
}
