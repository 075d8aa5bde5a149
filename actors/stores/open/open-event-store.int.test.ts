import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { testEvents } from '../testing/events.ts';
import { startKurrentTestServer } from '../testing/kurrent-test-server.ts';
import { openEventStore } from './open-event-store.ts';

const directory = mkdtempSync(join(tmpdir(), 'tandem-url-'));
afterAll(() => rmSync(directory, { recursive: true }));

describe('openEventStore', () => {
  it('opens a SQLite file', async () => {
    const file = join(directory, 'store.db');
    const store = await openEventStore(`sqlite:${file}`);
    await store.append('leg', 'no-stream', testEvents(1));
    await store.close();
    expect(existsSync(file)).toBe(true);
  });

  it('opens SQLite in memory', async () => {
    const store = await openEventStore('sqlite::memory:');
    expect(await store.append('leg', 'no-stream', testEvents(1))).toMatchObject({ revision: 0 });
    await store.close();
  });

  it.each(['esdb', 'kurrentdb'])('connects to %s', async (scheme) => {
    const server = await startKurrentTestServer();
    const store = await openEventStore(server.connectionString.replace('esdb', scheme));
    expect(await store.append('leg', 'no-stream', testEvents(1))).toMatchObject({ revision: 0 });
    await store.close();
    server.stop();
  });

  it.each([
    '',
    'store.db',
    'sqlite:',
    'sqlite://host/store.db',
    'postgres://localhost/events',
    'esdb:localhost',
    'esdb://',
    'esdb://localhost:port',
    'esdb://localhost?tls=perhaps',
  ])('refuses "%s"', async (url) => {
    await expect(openEventStore(url)).rejects.toMatchObject({ code: 'store.invalid-url' });
  });

  it.each([
    'esdb://admin:s3cret@host:port',
    'mysql://admin:s3cret@host/x',
    'esdb://admin:s3@cret@host?tls=perhaps',
  ])('shows no password when it refuses %s', async (url) => {
    const failure = await openEventStore(url).catch((error: Error & { params: unknown }) => error);
    const { message, params, cause } = failure as Error & { params: unknown };
    expect(JSON.stringify([message, params, cause])).not.toMatch(/s3|cret/);
  });
});
