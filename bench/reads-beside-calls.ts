import { once } from 'node:events';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { DEMO_ACCOUNT, recordCall, sidOf } from '@tandem/actors/history/testing/recorded-call.ts';
import { openSqliteEventStore } from '@tandem/actors/stores/sqlite';
import { createApi } from '@tandem/projections/api';
import { callsProjection, openCallsReadModel } from '@tandem/projections/calls';
import { openReads } from '@tandem/projections/reads';
import { startProjector } from '@tandem/projections/runner';
import { fillCalls, numberedCall } from '@tandem/projections/testing/fill-calls.ts';
import type { ApiClientData } from './api-client.ts';
import type { Figure, Measurement } from './figure.ts';
import { nearest } from './statistics.ts';
import { inTemporaryDirectory } from './temporary.ts';

/** Calls of one account. */
const CALLS = 1_000_000;
/** Milliseconds of a round. */
const ROUND = 10_000;
/** Milliseconds by which no request may delay a transition. */
const LIMIT = 5;
const TOKEN = 'only measured with';

/**
 * CPU time of each turn of this thread's event loop, in milliseconds: for so long what came meanwhile had to wait. Time that
 * the machine gave to others is not in it.
 */
async function turns(until: () => boolean): Promise<number[]> {
  const found: number[] = [];
  let before = process.threadCpuUsage();
  while (!until()) {
    await nextTurn();
    const now = process.threadCpuUsage();
    found.push((now.user + now.system - before.user - before.system) / 1000);
    before = now;
  }
  return found;
}

const during = (milliseconds: number) => {
  const end = performance.now() + milliseconds;
  return () => performance.now() > end;
};

export const readsBesideCalls: Measurement = {
  name: 'reads-beside-calls',
  about: 'for how long requests to the API keep the router’s thread, with a million calls in one account',
  measure: (say) =>
    inTemporaryDirectory(async (directory) => {
      const file = join(directory, 'calls.db');
      const events = join(directory, 'events.db');
      await using opened = new AsyncDisposableStack();
      const calls = openCallsReadModel({ file });
      opened.defer(() => calls.close());
      const rows = function* () {
        for (let index = 0; index < CALLS; index++)
          yield numberedCall(index, DEMO_ACCOUNT, Date.UTC(2026, 0, 1));
      };
      fillCalls(calls.database.writer, rows());
      say(`${CALLS} calls of one account are there`);
      const store = openSqliteEventStore({ file: events });
      opened.defer(() => store.close());
      await (await recordCall(store, { name: 'one' })).close();
      const projection = callsProjection(calls.database);
      const projector = startProjector({ store, database: calls.database, projection });
      opened.defer(() => projector.close());
      const reads = openReads({ file, store: `sqlite:${events}` });
      opened.defer(() => reads.close());
      const accounts = [{ sid: DEMO_ACCOUNT, authToken: TOKEN }];
      const api = await createApi({
        reads,
        accounts,
        listen: { host: '127.0.0.1', port: 0 },
        perSecond: 1_000,
      });
      opened.defer(() => api.close());

      const server = `http://127.0.0.1:${api.port}`;
      const list = (query: string) => `${server}/2010-04-01/Accounts/${DEMO_ACCOUNT}/Calls.json?${query}`;
      const client: ApiClientData = {
        urls: [
          list('PageSize=1000'),
          list('Status=no-answer&StartTime>=2026-01-01'),
          list('To=%2B15550100&From=%2B1nobody'),
          list('EndTime<=2030-01-01&To=%2B15550100&From=%2B1555999&PageSize=1000'),
          list('Status=completed&EndTime>=2030-01-01'),
          `${server}/v1/Calls/${sidOf('one')}/Events?PageSize=100`,
          `${server}/v1/Calls/${sidOf('one')}/Replay`,
        ],
        authorization: `Basic ${Buffer.from(`${DEMO_ACCOUNT}:${TOKEN}`).toString('base64')}`,
        atOnce: 20,
        perSecond: 100,
      };
      // Once before, so that what is measured is compiled.
      for (const url of client.urls)
        await (await fetch(url, { headers: { authorization: client.authorization } })).arrayBuffer();
      const idle = await turns(during(ROUND));
      const asking = new Worker(new URL('./api-client.ts', import.meta.url), { workerData: client });
      const asked = await turns(during(ROUND));
      asking.postMessage('end');
      const [statuses] = await once(asking, 'message');
      say(`answered meanwhile, by status: ${JSON.stringify(statuses)}`);

      const longest = (values: readonly number[]): number =>
        values.reduce((most, one) => Math.max(most, one), 0);
      const figures: Figure[] = [
        { name: 'longest turn without requests', value: longest(idle), unit: 'ms' },
        { name: 'longest turn beside requests', value: longest(asked), unit: 'ms', aim: { atMost: LIMIT } },
        { name: 'turn beside requests, p99', value: nearest(asked, 0.99), unit: 'ms' },
        {
          name: 'requests answered',
          value: Object.values(statuses as Record<string, number>).reduce((sum, one) => sum + one, 0),
          unit: 'in 10 s',
          aim: { atLeast: 20 },
        },
      ];
      return figures;
    }),
};
