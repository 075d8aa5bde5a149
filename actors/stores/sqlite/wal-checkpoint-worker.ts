import { DatabaseSync } from 'node:sqlite';
import { parentPort } from 'node:worker_threads';
import type { CheckpointAnswer, CheckpointRequest } from './wal-checkpoints.ts';

/** Pages in the log, and those of them that are in the database now; nothing when the file is gone. */
function checkpoint(url: string): CheckpointAnswer['pages'] {
  try {
    const database = new DatabaseSync(url);
    try {
      const [, log, done] = Object.values(database.prepare('PRAGMA wal_checkpoint(PASSIVE)').get()!);
      return { log: Number(log), done: Number(done) };
    } finally {
      database.close();
    }
  } catch {
    // Its owner has closed it, or will hear of the trouble itself when it writes.
    return undefined;
  }
}

parentPort!.on('message', ({ id, url }: CheckpointRequest) => {
  parentPort!.postMessage({ id, pages: checkpoint(url) } satisfies CheckpointAnswer);
});
