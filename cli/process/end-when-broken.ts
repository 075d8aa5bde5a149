import type { Log } from '../log/index.ts';

/**
 * What a process does whose store broke: it says so and ends at once, without goodbyes that it could not store. Whoever
 * supervises it starts it again, and it finds in the file what it had acknowledged.
 */
export const endWhenBroken =
  (log: Pick<Log, 'fatal'>, exit: (status: number) => void = (status) => process.exit(status)) =>
  (error: Error): void => {
    log.fatal(
      { err: error },
      'the disk failed the event store; the process ends, to begin anew from the file',
    );
    exit(1);
  };
