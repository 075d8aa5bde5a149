import { openSqliteEventStore } from '../sqlite/sqlite-event-store.ts';
import { testEvents } from './events.ts';

/**
 * A process of its own that appends three events at a time to four streams at once, without end. It writes a
 * line `STREAM REVISION` for each append that was acknowledged, and the error's code when one fails.
 */
const store = openSqliteEventStore({ file: process.argv[2]! });

const write = async (stream: string): Promise<void> => {
  for (let revision = -1; ; revision += 3) {
    await store.append(stream, revision < 0 ? 'no-stream' : revision, testEvents(3));
    process.stdout.write(`${stream} ${revision + 3}\n`);
  }
};

try {
  await Promise.all(['a', 'b', 'c', 'd'].map(write));
} catch (error) {
  process.stdout.write(`failed ${(error as { code: string }).code}\n`);
  await store.close();
}
