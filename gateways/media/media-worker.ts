import { parentPort, workerData } from 'node:worker_threads';
import { gatheredPosts } from './gathered-posts.ts';
import { SessionHost } from './session-host.ts';
import type { WorkerCommand, WorkerOptions, WorkerReport } from './worker-protocol.ts';

if (parentPort === null) throw new Error('media-worker.ts runs as a worker thread only');
const port = parentPort;
const report = gatheredPosts<WorkerReport>((reports) => port.postMessage(reports));
const host = new SessionHost(workerData as WorkerOptions, report);
port.on('message', (commands: readonly WorkerCommand[]) => {
  for (const command of commands) host.handle(command);
});
