import { createLog, type Log } from '../log/index.ts';
import { letLinger } from './let-linger.ts';
import { type Stop, untilStopped } from './until-stopped.ts';

/** Runs one process of the platform, named so in its log, until it is told to stop by a signal. */
export async function runUntilStopped(
  name: string,
  start: (log: Log) => Promise<{ close(stop: Stop): Promise<void> }>,
): Promise<void> {
  const log = createLog(name);
  const running = await start(log);
  await untilStopped((stop) => running.close(stop), {
    onSignal: (signal) => log.info({ signal }, 'closing; a second signal ends it at once'),
  });
  log.info('closed');
  letLinger(log);
}
