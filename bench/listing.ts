import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { DEMO_ACCOUNT, recordCall, sidOf } from '@tandem/actors/history/testing/recorded-call.ts';
import { ensureDevelopmentCertificates } from '@tandem/actors/peers';
import { eventStoreLog, startStoreServer } from '@tandem/actors/stores/server';
import { openSqliteEventStore } from '@tandem/actors/stores/sqlite';
import { testEvents } from '@tandem/actors/stores/testing/events.ts';
import { createLog } from '@tandem/cli/log';
import { runApi } from '@tandem/cli/main-region';
import type { Figure, Measurement } from './figure.ts';
import { nearest } from './statistics.ts';
import { inTemporaryDirectory } from './temporary.ts';

/** Events that have nothing to do with calls, before the last call and after all others. */
const OTHERS = 1_500_000;
const CALLS = 20;
const AT_ONCE = 1_000;
const ROUNDS = 5;
/** Milliseconds. */
const LIMIT = 1_000;
const TOKEN = 'only-measured-with-this';

const program = fileURLToPath(import.meta.resolve('@tandem/cli/main.ts'));
const run = promisify(execFile);

/** Milliseconds from the start of the command's process to its end, and the calls that it listed. */
async function list(...options: string[]): Promise<{ took: number; listed: string[] }> {
  const start = performance.now();
  const { stdout } = await run(process.execPath, [program, 'calls', '--json', ...options], {
    // As the launcher does.
    env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'tandem-bench-compile-cache') },
  });
  const took = performance.now() - start;
  const lines = stdout.split('\n').filter((line) => line !== '');
  return { took, listed: lines.map((line) => JSON.parse(line).sid) };
}

export const listing: Measurement = {
  name: 'listing',
  about: 'how long `tandem calls` takes with 1.5 million other events in the store',
  measure: (say) =>
    inTemporaryDirectory(async (directory) => {
      await using opened = new AsyncDisposableStack();
      const file = join(directory, 'events.db');
      const store = openSqliteEventStore({ file });
      opened.defer(() => store.close());
      const names = Array.from({ length: CALLS }, (_, index) => String(index));
      const record = async (name: string): Promise<void> => {
        await (await recordCall(store, { name, callee: 'is busy' })).close();
      };
      for (const name of names.slice(0, -1)) await record(name);
      for (let written = 0; written < OTHERS; written += AT_ONCE)
        await store.append(`gateway-${written % 7}`, 'any', testEvents(AT_ONCE));
      await record(names.at(-1)!);
      say(`${OTHERS} events are there`);

      const server = await startStoreServer({ log: eventStoreLog(store) });
      opened.defer(() => server.close());
      const certificates = join(directory, 'certificates');
      await ensureDevelopmentCertificates(certificates, { main: 'us1', regions: ['ie1'] });
      const account = {
        sid: DEMO_ACCOUNT,
        authToken: TOKEN,
        name: 'Demo',
        operator: true,
        callerIds: [],
        limits: { calls: 1, callsPerSecond: 1, destinations: { deny: [] } },
      };
      const about = { data: directory, store: `sqlite:${file}` };
      const log = createLog('us1', { TANDEM_LOG: 'silent' });
      const api = await runApi({ ...about, accounts: [account], api: { listen: '127.0.0.1:0' } }, store, {
        log,
      });
      opened.defer(() => api.close());
      const config = join(directory, 'main.yaml');
      const written = {
        ...about,
        main: 'us1',
        link: { listen: '127.0.0.1:0', certificates },
        api: { listen: `127.0.0.1:${api.port}` },
        regions: ['ie1'],
        accounts: [{ sid: DEMO_ACCOUNT, authToken: TOKEN, name: 'Demo', operator: true }],
      };
      await writeFile(config, JSON.stringify(written));
      // The last call is there when the read model has been through all that is before it.
      while ((await list('--config', config)).listed.length < CALLS) say('the read model follows');

      const ways: readonly (readonly [name: string, options: readonly string[], all: boolean])[] = [
        ['asking the main region', ['--config', config], true],
        ['SQLite, without it', ['--store', `sqlite:${file}`], true],
        // It looks at the newest events only, and says so.
        ['store server, without it', ['--store', server.connectionString], false],
      ];
      const figures: Figure[] = [];
      for (const [name, options, all] of ways) {
        const times: number[] = [];
        for (let round = 0; round < ROUNDS; round++) {
          const { took, listed } = await list(...options);
          const expected = (all ? names : names.slice(-1)).map(sidOf);
          if (listed.toSorted().join() !== expected.toSorted().join())
            throw new Error(`${name} listed ${listed.length} calls`);
          times.push(took);
        }
        figures.push({ name, unit: 'ms', value: nearest(times, 0.5), aim: { atMost: LIMIT } });
      }
      return figures;
    }),
};
