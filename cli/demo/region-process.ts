import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { TandemError } from '@tandem/actors/errors/tandem-error.ts';

export interface RegionProcess {
  readonly pid: number;
  close(): Promise<void>;
}

/**
 * Starts `tandem region FILE` as a process of its own and waits until it is linked.
 *
 * @throws config.region-ended with what it said
 */
export async function startRegionProcess(file: string): Promise<RegionProcess> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../main.ts'), 'region', file], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, TANDEM_LOG: 'info' },
    // A Ctrl-C at the terminal is for the demo, which ends the region in order.
    detached: true,
  });
  const said: string[] = [];
  const linked = Promise.withResolvers<void>();
  createInterface({ input: child.stderr! }).on('line', (line) => {
    if (line.includes('"link: connected"')) linked.resolve();
    else if (!line.startsWith('{')) said.push(line);
  });
  child.once('exit', () => linked.reject(new TandemError('config.region-ended', { said: said.join(' ') })));
  await linked.promise;
  return {
    pid: child.pid!,
    async close() {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}
