import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { packageVersion } from './sources.ts';
import { runsHere } from './worker-binary.ts';

const RELEASES = 'https://github.com/versatica/mediasoup/releases/download';
/** Milliseconds; a machine that cannot reach it shall not wait for long. */
const PATIENCE = 20_000;

const archiveName = (version: string): string => {
  const kernel = process.platform === 'linux' ? `-kernel${release().split('.')[0]}` : '';
  return `mediasoup-worker-${version}-${process.platform}-${process.arch}${kernel}.tgz`;
};

/**
 * Gets the worker that mediasoup's makers have built for this kind of machine.
 *
 * @param into the file that it becomes; its folder must be there
 * @returns undefined when it was got, else why it was not
 */
export const fetchWorker = async (into: string): Promise<string | undefined> => {
  const version = packageVersion();
  const base = process.env.MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL ?? RELEASES;
  const url = `${base}/${version}/${archiveName(version)}`;
  const folder = mkdtempSync(`${into}.fetching-`);
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(PATIENCE) });
    if (!answer.ok) return `${url} was answered with ${answer.status}`;
    const archive = join(folder, 'worker.tgz');
    writeFileSync(archive, new Uint8Array(await answer.arrayBuffer()));
    const unpacked = spawnSync('tar', ['-xzf', archive, '-C', folder, 'mediasoup-worker'], {
      stdio: 'ignore',
    });
    const binary = join(folder, 'mediasoup-worker');
    if (unpacked.status !== 0) return `${url} is no archive with a worker in it`;
    chmodSync(binary, 0o755);
    if (!runsHere(binary)) return `the worker at ${url} does not run on this machine`;
    renameSync(binary, into);
    return undefined;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return `${url} could not be fetched (${cause instanceof Error ? cause.message : String(cause)})`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
