/** Milliseconds for which what nobody waits for may wait, on its way over the link, for something to go with. */
export const PATIENCE = 10;

/** A stream on which what nobody waits for is written together with what somebody does, or after a moment. */
export interface PatientWrites<M> {
  /** Writes at once, after everything that waits. */
  write(message: M): void;
  /** Writes within some milliseconds, in order. */
  writeSoon(message: M): void;
  /** Writes what waits. */
  flush(): void;
  /** Forgets what waits. */
  stop(): void;
}

/**
 * Each message that is written by itself is a system call, a record of TLS and a turn of the event loop on either side,
 * which cost more than what it says.
 */
export function patientWrites<M>(write: (message: M) => void, patience = PATIENCE): PatientWrites<M> {
  let waiting: M[] = [];
  let timer: NodeJS.Timeout | undefined;

  function stop(): M[] {
    clearTimeout(timer);
    timer = undefined;
    const stopped = waiting;
    waiting = [];
    return stopped;
  }

  function flush(): void {
    for (const message of stop()) write(message);
  }

  return {
    write(message) {
      if (waiting.length > 0) flush();
      write(message);
    },
    writeSoon(message) {
      waiting.push(message);
      timer ??= setTimeout(flush, patience);
    },
    flush,
    stop,
  };
}
