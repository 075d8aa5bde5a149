import { parentPort, workerData } from 'node:worker_threads';

// Asks an API, as fast as it may, for one path after the other until it is told to end; then says how often it was
// answered with which status.

/** What it is told. */
export interface ApiClientData {
  readonly urls: readonly string[];
  readonly authorization: string;
  /** Requests at once. */
  readonly atOnce: number;
  /** Requests a second, all in all. */
  readonly perSecond: number;
}

const { urls, authorization, atOnce, perSecond } = workerData as ApiClientData;
const statuses: Record<number, number> = {};
let ended = false;
let asked = 0;
parentPort!.once('message', () => {
  ended = true;
});

async function askOnAndOn(): Promise<void> {
  const start = performance.now();
  while (!ended) {
    const ahead = start + (asked / perSecond) * 1000 - performance.now();
    if (ahead > 0) await new Promise((resolve) => setTimeout(resolve, ahead));
    const url = urls[asked++ % urls.length]!;
    const answer = await fetch(url, { headers: { authorization } });
    await answer.arrayBuffer();
    statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
  }
}

void Promise.all(Array.from({ length: atOnce }, askOnAndOn)).then(() => parentPort!.postMessage(statuses));
