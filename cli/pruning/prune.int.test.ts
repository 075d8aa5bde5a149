import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { recordCall, sidOf } from '@tandem/actors/history/testing/recorded-call.ts';
import { openSqliteEventStore } from '@tandem/actors/stores/sqlite';
import { testEvent } from '@tandem/actors/stores/testing/events.ts';

const DAY = 86_400_000;
let directory: string;
let file: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tandem-prune-'));
  file = join(directory, 'events.db');
  await writeFile(
    join(directory, 'us1.yaml'),
    `main: us1
store: sqlite:${file}
data: ${directory}
link: { listen: 127.0.0.1:7400, certificates: certificates }
regions: [ie1]
`,
  );
  const store = openSqliteEventStore({ file });
  for (const [name, age] of [
    ['old', 40],
    ['young', 10],
  ] as const) {
    const call = await recordCall(store, { name, start: Date.now() - age * DAY });
    await call.close();
  }
  await store.append('gateway-ie1-gw1', 'any', [testEvent({}, { time: Date.now() })]);
  await store.close();
});
afterAll(() => rm(directory, { recursive: true }));

const tandem = (...args: string[]) =>
  spawnSync(process.execPath, [join(import.meta.dirname, '..', 'main.ts'), ...args], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH },
    cwd: directory,
  });
const prune = (...args: string[]) => tandem('prune', '--config', 'us1.yaml', ...args);
const sids = (text: string): string[] => text.match(/CA[0-9a-f]{32}/g) ?? [];

describe('tandem prune', () => {
  it('says what is wrong with an age, and that one is needed', () => {
    expect(prune()).toMatchObject({ status: 2, stderr: expect.stringContaining('--older-than') });
    for (const wrong of ['30', '1.5y'])
      expect(prune(`--older-than=${wrong}`)).toMatchObject({
        status: 2,
        stderr: expect.stringContaining('for example 30d'),
      });
    expect(tandem('prune', '--older-than', '1d')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('main.yaml cannot be read'),
    });
  });

  it('lists what would go, also while the store is in use, and does not archive then', async () => {
    const store = openSqliteEventStore({ file });
    const { status, stdout } = prune('--older-than', '30d', '--dry-run');
    expect(status).toBe(0);
    expect(sids(stdout)).toEqual([sidOf('old')]);
    expect(stdout).toMatch(/^CALL +ENDED \(UTC\) +FROM +TO +STREAMS$/m);
    expect(stdout).toMatch(/1 call that ended before .* UTC would be archived; 3 streams would go\./);
    expect(prune('--older-than', '30d')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('[store.in-use]'),
    });
    expect(await Array.fromAsync(store.readStream(`call-${sidOf('old')}`))).not.toHaveLength(0);
    await store.close();
  });

  it('archives, once; lists have the call and say that its events are gone', () => {
    expect(prune('--older-than', '30d').stdout).toContain('archived; 3 streams went.');
    expect(prune('--older-than', '30d').stdout).toMatch(/^0 calls/m);
    const url = `sqlite:${file}`;
    expect(sids(tandem('calls', '--store', url).stdout)).toEqual([sidOf('young'), sidOf('old')]);
    expect(sids(tandem('calls', '--store', url, '--limit', '1').stdout)).toEqual([sidOf('young')]);
    for (const command of ['call', 'replay'])
      expect(tandem(command, sidOf('old'), '--store', url)).toMatchObject({
        status: 1,
        stderr: expect.stringMatching(
          /removed on 20.*\(tandem prune --older-than 30d\)[\s\S]*\[api\.archived\]/,
        ),
      });
    expect(tandem('call', sidOf('young'), '--store', url).status).toBe(0);
  });
});
