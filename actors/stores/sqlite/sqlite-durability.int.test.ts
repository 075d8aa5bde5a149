import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, it } from '@jest/globals';
import { listOf } from '../testing/events.ts';
import { openSqliteEventStore } from './sqlite-event-store.ts';

const directory = mkdtempSync(join(tmpdir(), 'tandem-durability-'));
afterAll(() => rmSync(directory, { recursive: true }));

const APPENDER = new URL('../testing/sqlite-appender.ts', import.meta.url).pathname;

/** What the appender said was stored: the last revision of each stream, and the code of its failure. */
const runAppender = async (file: string, limits: string, killAfter: number) => {
  const script = `${limits} exec "$0" "$@"`;
  const child = spawn('sh', ['-c', script, process.execPath, APPENDER, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = once(child, 'exit');
  const acknowledged = new Map<string, number>();
  let failure: string | undefined;
  let lines = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const [stream = '', value = ''] = line.split(' ');
    if (stream === 'failed') failure = value;
    // A line that the kill cut off says less than was acknowledged, never more.
    else acknowledged.set(stream, Math.max(Number(value), acknowledged.get(stream) ?? -1));
    lines += 1;
    if (lines === killAfter) child.kill('SIGKILL');
  }
  await gone;
  return { acknowledged, failure, signal: child.signalCode };
};

const expectAllThere = async (file: string, acknowledged: ReadonlyMap<string, number>): Promise<void> => {
  const store = openSqliteEventStore({ file });
  try {
    for (const [stream, revision] of acknowledged) {
      const events = await listOf(store.readStream(stream));
      expect(events.length).toBeGreaterThan(revision);
      expect(events.length % 3).toBe(0);
      expect(events.map((event) => event.revision)).toEqual(events.map((_, i) => i));
      expect(events.map((event) => event.data)).toEqual(events.map((_, i) => ({ n: i % 3 })));
      await store.append(stream, events.length - 1, [{ ...events[0]!, id: crypto.randomUUID() }]);
    }
    const all = await listOf(store.readAll());
    expect(new Set(all.map((event) => event.position)).size).toBe(all.length);
  } finally {
    await store.close();
  }
};

describe('a process that appends to SQLite', () => {
  it.each([1, 40, 333])(
    'and is killed after %i answers leaves all that it acknowledged, and no half',
    async (n) => {
      const file = join(directory, `killed-${n}.db`);
      const { acknowledged, signal } = await runAppender(file, '', n);
      expect(signal).toBe('SIGKILL');
      expect(acknowledged.size).toBeGreaterThan(0);
      await expectAllThere(file, acknowledged);
    },
  );

  it('and finds no more room says so and keeps what it had acknowledged', async () => {
    const file = join(directory, 'full.db');
    // Blocks of 512 bytes: the shell's limit on the size of a file stands for that of the disk.
    const { acknowledged, failure } = await runAppender(file, 'ulimit -f 2000;', Number.POSITIVE_INFINITY);
    expect(failure).toBe('store.unavailable');
    expect(acknowledged.size).toBe(4);
    await expectAllThere(file, acknowledged);
  });
});
