import { spawn } from 'node:child_process';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { isDeepStrictEqual } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DEMO_ACCOUNT, recordCall, sidOf } from '@tandem/actors/history/testing/recorded-call.ts';
import { ensureDevelopmentCertificates } from '@tandem/actors/peers';
import type { EventStore } from '@tandem/actors/stores/event-store';
import { openSqliteEventStore } from '@tandem/actors/stores/sqlite';
import { stringify } from 'yaml';
import { createLog } from '../log/log.ts';
import { callsOfApi } from '../network/calls-of-api.ts';
import { networkClient } from '../network/network-client.ts';
import { listedCalls } from '../reading/recent-calls.ts';
import { whenRenewed } from './api-tls.ts';
import { type RunningApi, runApi } from './run-api.ts';

const authToken = 'a-token-for-this-test';
const log = createLog('us1', { TANDEM_LOG: 'silent' });
let data: string;
let store: EventStore;
const running: RunningApi[] = [];

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'tandem-api-'));
  store = openSqliteEventStore({ file: join(data, 'events.db') });
});
afterEach(async () => {
  for (const api of running.splice(0)) await api.close();
  await store.close();
  await rm(data, { recursive: true });
});

async function run(port = 0, tls?: { cert: string; key: string }, operator = false): Promise<RunningApi> {
  const accounts = [
    {
      sid: DEMO_ACCOUNT,
      authToken,
      name: 'Demo',
      operator,
      callerIds: [],
      limits: { calls: 1, callsPerSecond: 1, destinations: { deny: [] } },
    },
  ];
  const api = await runApi(
    { data, accounts, api: { listen: `127.0.0.1:${port}`, tls }, store: `sqlite:${join(data, 'events.db')}` },
    store,
    { log },
  );
  running.push(api);
  return api;
}

/** Runs the command beside this process, which has the API. */
async function tandem(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '..', 'main.ts'), ...args], {
    env: { PATH: process.env.PATH },
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { stdout, stderr };
}

const record = async (name: string): Promise<void> => {
  await (await recordCall(store, { name })).close();
};

async function inboundCalls({ port }: RunningApi): Promise<string[]> {
  const url = `http://127.0.0.1:${port}/2010-04-01/Accounts/${DEMO_ACCOUNT}/Calls.json?To=%2B15550100`;
  const authorization = `Basic ${Buffer.from(`${DEMO_ACCOUNT}:${authToken}`).toString('base64')}`;
  const answer = await fetch(url, { headers: { authorization } });
  const { calls } = (await answer.json()) as { calls: { sid: string; status: string }[] };
  return calls.filter(({ status }) => status === 'completed').map(({ sid }) => sid);
}

/** Asks until the answer is this; the test's own limit ends what never comes. */
async function untilCalls(api: RunningApi, ...names: string[]): Promise<void> {
  const expected = names.map(sidOf).toSorted();
  for (let calls: string[] = []; calls.toSorted().join() !== expected.join(); ) {
    calls = await inboundCalls(api);
    await new Promise(setImmediate);
  }
}

describe('the API of a main region', () => {
  it('serves the calls of its store, those that come, and after a restart those that came meanwhile', async () => {
    await record('one');
    const first = await run();
    await untilCalls(first, 'one');
    await record('two');
    await untilCalls(first, 'one', 'two');
    await running.pop()!.close();
    await record('three');
    await untilCalls(await run(), 'one', 'two', 'three');
  });

  it('is served over TLS, which commands check by its own certificate', async () => {
    const certificates = join(data, 'certificates');
    await ensureDevelopmentCertificates(certificates, { main: 'us1', regions: ['ie1'] });
    const tls = { cert: join(certificates, 'us1.crt'), key: join(certificates, 'us1.key') };
    const { port } = await run(0, tls);
    const asking = async (cert: string) => {
      const file = join(data, 'main.yaml');
      await writeFile(
        file,
        stringify({
          main: 'us1',
          store: `sqlite:${join(data, 'events.db')}`,
          data,
          link: { listen: '127.0.0.1:0', certificates },
          api: { listen: `127.0.0.1:${port}`, tls: { ...tls, cert } },
          regions: ['ie1'],
          accounts: [{ sid: DEMO_ACCOUNT, authToken, name: 'Demo', operator: true }],
        }),
      );
      return networkClient({ config: file }, { env: {} });
    };
    expect((await (await asking(tls.cert)).get('/v1/health')).status).toBe(200);
    await expect((await asking(join(certificates, 'ie1.crt'))).get('/v1/health')).rejects.toMatchObject({
      code: 'api.not-there',
    });
    await expect(fetch(`http://127.0.0.1:${port}/v1/health`)).rejects.toThrow();
  });

  it('tells `tandem calls` of the calls of all accounts; without it the store does, and it is said', async () => {
    await record('one');
    const certificates = join(data, 'certificates');
    await ensureDevelopmentCertificates(certificates, { main: 'us1', regions: ['ie1'] });
    const tls = { cert: join(certificates, 'us1.crt'), key: join(certificates, 'us1.key') };
    const api = await run(0, tls, true);
    const file = join(data, 'main.yaml');
    const written = {
      main: 'us1',
      store: `sqlite:${join(data, 'events.db')}`,
      data,
      link: { listen: '127.0.0.1:0', certificates },
      api: { listen: `127.0.0.1:${api.port}`, tls },
      regions: ['ie1'],
      accounts: [{ sid: DEMO_ACCOUNT, authToken, name: 'Demo', operator: true }],
    };
    await writeFile(file, stringify(written));
    const client = await networkClient({ config: file }, { env: {} });
    const stored = await Array.fromAsync(listedCalls(store, [sidOf('one')]));
    for (let told: unknown; !isDeepStrictEqual(told, stored); )
      // It refuses who asks more than a hundred times a second.
      told = await callsOfApi(client, 20).catch(({ code }) => expect(code).toBe('api.refused'));

    const asked = await tandem('calls', '--config', file, '--json');
    expect(asked.stderr).toBe('');
    expect(JSON.parse(asked.stdout)).toMatchObject({ sid: sidOf('one'), status: 'completed' });
    await running.pop()!.close();
    const alone = await tandem('calls', '--config', file, '--json');
    expect(alone.stderr).toMatch(/^The event store is read: The REST API at https:\S+ does not answer.*\n$/);
    expect(JSON.parse(alone.stdout)).toEqual(JSON.parse(asked.stdout));
  });

  it('hears of a certificate that is renewed', async () => {
    const cert = join(data, 'api.crt');
    await writeFile(cert, 'the old one');
    const renewed = Promise.withResolvers<void>();
    const stop = whenRenewed({ cert, key: '' }, renewed.resolve, 20);
    await writeFile(join(data, 'new'), 'the new one');
    for (let done = false; !done; ) {
      await copyFile(join(data, 'new'), cert);
      done = await Promise.race([
        renewed.promise.then(() => true),
        new Promise<false>((r) => setImmediate(() => r(false))),
      ]);
    }
    stop();
  });

  it('that cannot listen says so, and holds nothing open', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as { port: number };
    await expect(run(port)).rejects.toMatchObject({ code: 'api.address-in-use' });
    await new Promise((resolve) => taken.close(resolve));
    await record('one');
    await untilCalls(await run(port), 'one');
  });
});
