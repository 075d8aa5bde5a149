import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * What a signal asks for. SIGTERM is what supervisors send who start the process again: its calls go on in the next one.
 * SIGINT (Ctrl-C) is for good: calls that only this process has are ended.
 */
export type Stop = 'for-good' | 'to-restart';

const meaningOf = (signal: NodeJS.Signals): Stop => (signal === 'SIGTERM' ? 'to-restart' : 'for-good');

export interface StopOptions {
  /** Called at the first signal, before `close`. */
  readonly onSignal?: (signal: NodeJS.Signals) => void;
  /** Where the signals come from. */
  readonly source?: NodeJS.EventEmitter;
  /** Ends the process at the second signal. */
  readonly exit?: (status: number) => void;
}

/**
 * Waits for SIGINT or SIGTERM, then closes in order, told which of the two it was. A second signal ends the process at once, with status
 * 128 + the signal's number.
 *
 * @returns a promise that is kept when `close` is done, and rejected with its error.
 */
export function untilStopped(close: (stop: Stop) => Promise<void>, options: StopOptions = {}): Promise<void> {
  const { onSignal, source = process, exit = (status) => process.exit(status) } = options;
  return new Promise((resolve, reject) => {
    let closing = false;
    const listen = (signal: NodeJS.Signals) => {
      if (closing) {
        exit(128 + constants.signals[signal]);
        return;
      }
      closing = true;
      onSignal?.(signal);
      close(meaningOf(signal))
        .finally(() => {
          for (const name of SIGNALS) source.off(name, listen);
        })
        .then(resolve, reject);
    };
    for (const name of SIGNALS) source.on(name, listen);
  });
}
