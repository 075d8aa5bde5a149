import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { archiveName, fetchWorker } from './fetch-worker.ts';
import { packageVersion } from './sources.ts';

const releases = 'https://releases.example/download';
const name = archiveName(packageVersion());

let scratch: string;
let archive: Buffer;
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'tandem-fetch-'));
  // What a worker says when it was not started by mediasoup; and it leaves a mark that it ran.
  const script = `#!/bin/sh\n: > ${scratch}/ran\nexit 41\n`;
  await writeFile(join(scratch, 'mediasoup-worker'), script, { mode: 0o755 });
  spawnSync('tar', ['-czf', join(scratch, 'a.tgz'), '-C', scratch, 'mediasoup-worker']);
  archive = readFileSync(join(scratch, 'a.tgz'));
});
afterEach(() => rm(scratch, { recursive: true }));

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('the worker that is fetched', () => {
  const fetched = async (digests: Record<string, string>, from = releases) => {
    const fetch = jest.fn<typeof globalThis.fetch>(async () => new Response(new Uint8Array(archive)));
    const into = join(scratch, 'worker');
    const problem = await fetchWorker(into, { digests, releases: from, fetch });
    return { problem, asked: fetch.mock.calls.map(([url]) => url), there: existsSync(into) };
  };
  const ran = () => existsSync(join(scratch, 'ran'));

  it('is the one whose digest is known', async () => {
    expect(await fetched({ [name]: sha256(archive) })).toEqual({
      problem: undefined,
      asked: [`${releases}/${packageVersion()}/${name}`],
      there: true,
    });
    expect(ran()).toBe(true);
  });

  it('is never run when it is another', async () => {
    const { problem, there } = await fetched({ [name]: sha256(Buffer.from('another')) });
    expect(problem).toContain(`its SHA-256 is ${sha256(archive)}`);
    expect(there).toBe(false);
    expect(ran()).toBe(false);
    expect(readdirSync(scratch).filter((file) => file.includes('fetching'))).toEqual([]);
  });

  it.each([
    ['without a digest', {}, releases, /its digest is not known/],
    ['over plain http', { [name]: 'x' }, 'http://releases.example', /no https URL/],
  ])('is not asked for %s', async (_what, digests: Record<string, string>, from, why) => {
    const { problem, asked } = await fetched(digests, from);
    expect(problem).toMatch(why);
    expect(asked).toEqual([]);
  });
});
