import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TandemError } from '@tandem/actors/errors';
import { openSqliteFileForWriting } from '@tandem/actors/stores/sqlite';
import { LOCAL_REGIONS, MAIN_REGION } from './demo-places.ts';

/** Tells a directory that a demo made from one that holds somebody's work. */
const MARK = 'made-by-tandem-demo';
const SAYS = 'Made by `tandem demo`, which removes what an earlier demo left here when it starts.\n';

/** What a demo leaves in its directory. */
const REGIONS = [MAIN_REGION, ...LOCAL_REGIONS].map(({ name }) => name);
const LEFT = ['certificates', ...REGIONS, ...REGIONS.map((name) => `${name}.yaml`)];

/**
 * Makes the directory of a demo, without what an earlier demo left in it. Nothing else is ever removed.
 *
 * @throws config.demo-directory for one that is somebody's, or that a running demo uses
 */
export async function prepareDemoDirectory(directory: string): Promise<void> {
  const fail = (detail: string) => new TandemError('config.demo-directory', { directory, detail });
  let present: string[];
  try {
    await mkdir(directory, { recursive: true });
    present = await readdir(directory);
  } catch (error) {
    throw fail((error as Error).message);
  }
  if (present.length > 0 && !present.includes(MARK)) throw fail('it holds files that no demo has made');
  if (present.includes(MAIN_REGION.name) && inUse(join(directory, MAIN_REGION.name, 'events.db')))
    throw fail('another demo that runs is using it');
  await writeFile(join(directory, MARK), SAYS);
  for (const name of LEFT) await rm(join(directory, name), { recursive: true, force: true });
}

function inUse(store: string): boolean {
  try {
    openSqliteFileForWriting(store).release();
    return false;
  } catch {
    return true;
  }
}
