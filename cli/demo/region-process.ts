import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { TandemError } from '@tandem/actors/errors';

export interface RegionProcess {
  readonly pid: number;
  close(): Promise<void>;
}

/**
 * Starts `tandem region FILE` as a process of its own and waits until it is linked. It ends with this process,
 * also when this one is killed.
 *
 * @throws config.region-ended with what it said; also when `stop` is aborted before it is linked
 */
export async function startRegionProcess(
  file: string,
  stop: AbortSignal,
  onTrouble: (line: Record<string, unknown>) => void,
): Promise<RegionProcess> {
  const child = spawn(
    process.execPath,
    [
      '--import',
      join(import.meta.dirname, 'end-with-parent.ts'),
      join(import.meta.dirname, '../main.ts'),
      'region',
      file,
    ],
    {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { ...process.env, TANDEM_LOG: 'info' },
      // A Ctrl-C at the terminal is for the demo, which ends the region in order.
      detached: true,
    },
  );
  const said: string[] = [];
  const linked = Promise.withResolvers<void>();
  createInterface({ input: child.stderr! }).on('line', (text) => {
    const line = parseLine(text);
    if (!line) said.push(text.replace(/^tandem: /, ''));
    else if (line.msg === 'link: connected') linked.resolve();
    else if (line.level === 'error' || line.level === 'fatal') onTrouble(line);
  });
  const exited = once(child, 'exit');
  // What it said last is read when its standard error is closed, which is after its exit.
  child.once('close', () => linked.reject(new TandemError('config.region-ended', { said: said.join(' ') })));
  const end = () => child.kill('SIGINT');
  stop.addEventListener('abort', end, { once: true });
  if (stop.aborted) end();
  try {
    await linked.promise;
  } finally {
    stop.removeEventListener('abort', end);
  }
  return {
    pid: child.pid!,
    async close() {
      if (child.exitCode === null && child.signalCode === null) end();
      await exited;
    },
  };
}

/** A line of the log; nothing for other text. */
function parseLine(text: string): Record<string, unknown> | undefined {
  try {
    return text.startsWith('{') ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}
