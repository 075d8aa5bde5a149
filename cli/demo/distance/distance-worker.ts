import { parentPort, workerData } from 'node:worker_threads';
import { Emulator, type EmulatorOptions } from './emulator.ts';

/** A method of the emulator's to call, and its answer. */
export interface EmulatorCall {
  readonly id: number;
  readonly method: string;
  readonly args: readonly unknown[];
}
export type EmulatorAnswer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failed: string };

if (parentPort === null) throw new Error('distance-worker.ts runs as a worker thread only');
const port = parentPort;
const emulator = new Emulator(workerData as EmulatorOptions);

port.on('message', async ({ id, method, args }: EmulatorCall) => {
  try {
    const value = await (emulator as never as Record<string, (...args: unknown[]) => unknown>)[method]!(
      ...args,
    );
    port.postMessage({ id, value } satisfies EmulatorAnswer);
  } catch (error) {
    port.postMessage({ id, failed: (error as Error).message } satisfies EmulatorAnswer);
  }
});
