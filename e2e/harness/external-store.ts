import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { isTandemError } from '@tandem/actors/errors';
import { openKurrentEventStore } from '@tandem/actors/stores/kurrent';
import { freePort } from '@tandem/actors/testing/free-port.ts';

/** A store in place of a main region's own. */
export interface ExternalStore {
  readonly url: string;
  close(): Promise<void>;
}

/** The command that `E2E_STORE` names, with `{port}` where its port is to be, and `{directory}` where its data may be. */
export const STORE_COMMAND = process.env.E2E_STORE;

/** Starts a store by a command, and waits until it leads. @throws when it ends before that */
export async function startStore(command: string, directory: string): Promise<ExternalStore> {
  const port = await freePort();
  const filled = command.replaceAll('{port}', String(port)).replaceAll('{directory}', directory);
  const child = spawn('sh', ['-c', `exec ${filled}`], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const url = `esdb://127.0.0.1:${port}?tls=false`;
  const close = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  const store = openKurrentEventStore({ connectionString: url, timeout: 1000 });
  try {
    for (;;) {
      if (child.exitCode !== null) throw new Error(`E2E_STORE: “${filled}” ended with ${child.exitCode}`);
      try {
        await store.append('e2e-ready', 'any', [sign()]);
        return { url, close };
      } catch (error) {
        if (!isTandemError(error, 'store.unavailable')) throw error;
        await setTimeout(100);
      }
    }
  } catch (error) {
    await close();
    throw error;
  } finally {
    await store.close();
  }
}

const sign = () => ({
  id: crypto.randomUUID(),
  type: 'TimerRang',
  version: 1,
  time: Date.now(),
  region: 'us1',
  cause: '',
  correlation: '',
  data: { timer: 'ready' },
});
