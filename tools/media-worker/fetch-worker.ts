import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { packageVersion } from './sources.ts';
import { runsHere } from './worker-binary.ts';

const RELEASES = 'https://github.com/versatica/mediasoup/releases/download';
/** Milliseconds; a machine that cannot reach it shall not wait for long. */
const PATIENCE = 20_000;

/**
 * The archives that may be fetched, each with its SHA-256 in hexadecimal. What is fetched is executed: so one that is
 * not listed is not fetched, and the worker is built from the sources of the npm package, which package-lock.json pins.
 * Whoever raises mediasoup's version may list the digests that its release names, having built the same from source.
 */
const DIGESTS: Readonly<Record<string, string>> = {};

export const archiveName = (version: string): string => {
  const kernel = process.platform === 'linux' ? `-kernel${release().split('.')[0]}` : '';
  return `mediasoup-worker-${version}-${process.platform}-${process.arch}${kernel}.tgz`;
};

export interface FetchWorkerOptions {
  /** SHA-256 in hexadecimal by archive. */
  readonly digests?: Readonly<Record<string, string>>;
  /** Where releases are: an https URL. */
  readonly releases?: string;
  readonly fetch?: typeof globalThis.fetch;
}

/** Whether the worker of this version for this kind of machine may be fetched: only when its digest is known. */
export const isPinned = (digests = DIGESTS): boolean => Object.hasOwn(digests, archiveName(packageVersion()));

/**
 * Gets the worker that mediasoup's makers have built for this kind of machine, if it is the one whose digest is known.
 *
 * @param into the file that it becomes; its folder must be there
 * @returns undefined when it was got, else why it was not
 */
export const fetchWorker = async (
  into: string,
  {
    digests = DIGESTS,
    releases = process.env.MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL ?? RELEASES,
    fetch = globalThis.fetch,
  }: FetchWorkerOptions = {},
): Promise<string | undefined> => {
  const version = packageVersion();
  const name = archiveName(version);
  const url = `${releases}/${version}/${name}`;
  if (!Object.hasOwn(digests, name)) return `${name} is not fetched: its digest is not known`;
  if (!url.startsWith('https://')) return `${url} is not fetched: it is no https URL`;
  const folder = mkdtempSync(`${into}.fetching-`);
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(PATIENCE) });
    if (!answer.ok) return `${url} was answered with ${answer.status}`;
    const bytes = new Uint8Array(await answer.arrayBuffer());
    const digest = createHash('sha256').update(bytes).digest('hex');
    if (digest !== digests[name]) return `${url} is not what it should be: its SHA-256 is ${digest}`;
    const archive = join(folder, 'worker.tgz');
    writeFileSync(archive, bytes);
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
