import { MessageChannel, Worker } from 'node:worker_threads';
import { clock } from './clock.ts';

/** Calls back at a time that can be changed. */
export interface Alarm {
  /** Sets it, in milliseconds of `clock`, in place of what was set before. */
  set(at: number): void;
  close(): Promise<void>;
}

/**
 * An alarm that is right to a fraction of a millisecond. Timers of the event loop are not: they count whole
 * milliseconds, and come up to two late. So a thread of its own sleeps until the moment and then posts.
 */
export function startAlarm(ring: () => void): Alarm {
  const shared = new SharedArrayBuffer(16);
  const [state, deadline] = [new Int32Array(shared, 0, 2), new BigInt64Array(shared, 8, 1)];
  const { port1, port2 } = new MessageChannel();
  const thread = new Worker(new URL('./alarm-thread.ts', import.meta.url), {
    workerData: { shared, port: port2 },
    transferList: [port2],
    name: 'distance-alarm',
  });
  const exited = new Promise((resolve) => thread.once('exit', resolve));
  port1.on('message', ring);
  const change = (): void => {
    Atomics.add(state, 0, 1);
    Atomics.notify(state, 0);
  };
  return {
    set(at) {
      Atomics.store(deadline, 0, clock.toNanoseconds(at));
      change();
    },
    async close() {
      Atomics.store(state, 1, 1);
      change();
      await exited;
      port1.close();
    },
  };
}
