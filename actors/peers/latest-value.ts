/**
 * Saves the newest of many values, one save at a time and a while after the first came, so that a slow store
 * never queues up old ones and a quick one is not asked for each.
 */
export interface LatestValue<T> {
  put(value: T): void;
  /** Saves what waits now; resolves when no save is under way. */
  idle(): Promise<void>;
}

/** Milliseconds for which a value waits for newer ones. */
const GATHER = 200;

/** `failed` is told of a save that was rejected; the next value is tried again. */
export function saveLatest<T>(
  save: (value: T) => Promise<void>,
  failed: (error: unknown) => void,
): LatestValue<T> {
  let next: { value: T } | undefined;
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  async function drain(): Promise<void> {
    while (next) {
      const { value } = next;
      next = undefined;
      try {
        await Promise.resolve(value).then(save);
      } catch (error) {
        failed(error);
      }
    }
    running = undefined;
  }

  const start = (): void => {
    clearTimeout(timer);
    timer = undefined;
    running ??= drain();
  };

  return {
    put(value) {
      next = { value };
      timer ??= setTimeout(start, GATHER);
    },
    idle() {
      if (next) start();
      return running ?? Promise.resolve();
    },
  };
}
