import { parentPort, workerData } from 'node:worker_threads';
import { SessionHost } from './session-host.ts';
import type { WorkerCommand, WorkerOptions } from './worker-protocol.ts';

if (parentPort === null) throw new Error('media-worker.ts runs as a worker thread only');
const port = parentPort;
const host = new SessionHost(workerData as WorkerOptions, (report) => port.postMessage(report));
port.on('message', (command: WorkerCommand) => host.handle(command));
