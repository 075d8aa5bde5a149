import { type MessagePort, workerData } from 'node:worker_threads';

const { shared, port } = workerData as { shared: SharedArrayBuffer; port: MessagePort };
/** How often the deadline was set, and whether to end. */
const state = new Int32Array(shared, 0, 2);
const deadline = new BigInt64Array(shared, 8, 1);

let rangFor = -1;
while (Atomics.load(state, 1) === 0) {
  const version = Atomics.load(state, 0);
  const left = Number(Atomics.load(deadline, 0) - process.hrtime.bigint()) / 1e6;
  if (version === 0 || version === rangFor) Atomics.wait(state, 0, version);
  else if (left > 0) Atomics.wait(state, 0, version, left);
  else {
    rangFor = version;
    port.postMessage(0);
  }
}
port.close();
