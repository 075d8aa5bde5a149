/** Milliseconds between two runs, and before the first one, when nothing else is said. */
const EVERY = 3_600_000;
/** The first run comes within some minutes, so that a process that is restarted often gets to it as well. */
const FIRST = EVERY / 10;
/** Part of the time by which a run may be later, so that processes which were started together do not run together. */
const JITTER = 0.1;

export interface ScheduleOptions {
  /** One run; it ends soon after the signal is aborted. */
  readonly run: (signal: AbortSignal) => Promise<void>;
  readonly onError: (error: unknown) => void;
  /** From 0 to 1. */
  readonly random?: () => number;
}

export interface Schedule {
  /** Ends the run under way, and has no other. */
  close(): Promise<void>;
}

/** Runs something about once an hour, never twice at a time. */
export function schedule({ run, onError, random = Math.random }: ScheduleOptions): Schedule {
  const stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout;
  const next = (after: number): void => {
    timer = setTimeout(start, after * (1 + JITTER * random()));
    timer.unref();
  };
  const start = (): void => {
    running = run(stopping.signal)
      .catch(onError)
      .then(() => {
        if (!stopping.signal.aborted) next(EVERY);
      });
  };
  next(FIRST);
  return {
    async close() {
      stopping.abort();
      clearTimeout(timer);
      await running;
    },
  };
}
