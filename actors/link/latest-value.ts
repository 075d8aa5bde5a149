/** Saves the newest of many values, one save at a time, so that a slow store never queues up old ones. */
export interface LatestValue<T> {
  put(value: T): void;
  /** Resolves when no save is under way. */
  idle(): Promise<void>;
}

/** `failed` is told of a save that was rejected; the next value is tried again. */
export function saveLatest<T>(
  save: (value: T) => Promise<void>,
  failed: (error: unknown) => void,
): LatestValue<T> {
  let next: { value: T } | undefined;
  let running: Promise<void> | undefined;

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

  return {
    put(value) {
      next = { value };
      running ??= drain();
    },
    idle: () => running ?? Promise.resolve(),
  };
}
