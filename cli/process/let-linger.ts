import type { Log } from '../log/index.ts';

/** Milliseconds for connections to end once everything is closed. */
const LINGER = 2000;

/**
 * Lets the process end of itself, but not later than in a while: a peer that is out of reach never answers a connection's
 * goodbye, and the system would keep the connection for a quarter of an hour.
 */
export function letLinger(log: Pick<Log, 'warn'>, milliseconds = LINGER): void {
  const end = (): void => {
    const open = process.getActiveResourcesInfo();
    log.warn({ open }, 'ended with something still open; a peer did not answer a goodbye');
    process.exit();
  };
  // When nothing is open any more, the process does not wait for this.
  setTimeout(end, milliseconds).unref();
}
