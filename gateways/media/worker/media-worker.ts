import { parentPort, workerData } from 'node:worker_threads';
import { loadLiveResampler } from '../../audio/signal/index.ts';
import type { WorkerCommand, WorkerOptions, WorkerReport } from '../session/index.ts';
import { gatheredPosts } from './gathered-posts.ts';
import { MediaSessionHost } from './session-host.ts';

if (parentPort === null) throw new Error('media-worker.ts runs as a worker thread only');
const port = parentPort;
// Commands wait until somebody listens to them; then all that sound needs is there.
await loadLiveResampler();
const report = gatheredPosts<WorkerReport>((reports) => port.postMessage(reports));
const host = new MediaSessionHost(workerData as WorkerOptions, report);
port.on('message', (commands: readonly WorkerCommand[]) => {
  for (const command of commands) host.handle(command);
});
