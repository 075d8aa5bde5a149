import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openSqliteEventStore } from '@tandem/actors/stores/sqlite';
import { prepareDemoDirectory } from './demo-directory.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-demo-'));
});
afterEach(() => rm(root, { recursive: true }));

describe('the directory of a demo', () => {
  it('is made, and made anew, but what no demo has made in it is kept', async () => {
    const directory = join(root, 'a', 'b');
    await prepareDemoDirectory(directory);
    await mkdir(join(directory, 'us1'));
    await writeFile(join(directory, 'us1.yaml'), 'main: us1');
    await writeFile(join(directory, 'notes.txt'), 'mine');
    await prepareDemoDirectory(directory);
    expect((await readdir(directory)).toSorted()).toEqual(['made-by-tandem-demo', 'notes.txt']);
  });

  it("is never somebody's, whatever its files are called", async () => {
    await writeFile(join(root, 'us1.yaml'), 'main: us1');
    await expect(prepareDemoDirectory(root)).rejects.toMatchObject({ code: 'config.demo-directory' });
    expect(await readdir(root)).toEqual(['us1.yaml']);
  });

  it('is never a file', async () => {
    const file = join(root, 'file');
    await writeFile(file, 'mine');
    await expect(prepareDemoDirectory(file)).rejects.toMatchObject({ code: 'config.demo-directory' });
  });

  it('is not taken from a demo that runs', async () => {
    await prepareDemoDirectory(root);
    const store = openSqliteEventStore({ file: join(root, 'us1', 'events.db') });
    await expect(prepareDemoDirectory(root)).rejects.toThrow('another demo that runs is using it');
    await store.close();
    await prepareDemoDirectory(root);
  });
});
