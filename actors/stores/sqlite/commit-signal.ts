/** Wakes readers that have read everything when something was committed that they may want. */
export interface CommitSignal {
  /** Resolves at the next commit to this stream (or to any, without one), or when the signal is aborted. */
  next(stream: string | undefined, stopped: AbortSignal): Promise<void>;
  notify(streams: ReadonlySet<string>): void;
}

export const createCommitSignal = (): CommitSignal => {
  const onAny = new Set<() => void>();
  const onStream = new Map<string, Set<() => void>>();

  const waitersOf = (stream: string | undefined): Set<() => void> => {
    if (stream === undefined) return onAny;
    const waiters = onStream.get(stream) ?? new Set();
    onStream.set(stream, waiters);
    return waiters;
  };

  return {
    next: (stream, stopped) =>
      new Promise((resolve) => {
        if (stopped.aborted) return resolve();
        const wake = (): void => {
          stopped.removeEventListener('abort', wake);
          const waiters = waitersOf(stream);
          waiters.delete(wake);
          if (stream !== undefined && waiters.size === 0) onStream.delete(stream);
          resolve();
        };
        waitersOf(stream).add(wake);
        stopped.addEventListener('abort', wake);
      }),
    notify: (streams) => {
      for (const wake of [...onAny]) wake();
      if (onStream.size === 0) return;
      for (const stream of streams) for (const wake of [...(onStream.get(stream) ?? [])]) wake();
    },
  };
};
