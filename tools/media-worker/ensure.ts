import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { buildWorker, missingPackages } from './build.ts';
import { fetchWorker, isPinned } from './fetch-worker.ts';
import { cachedWorker, packageFolder } from './sources.ts';
import { installPackages, mayInstall, thisSystem } from './system-packages.ts';
import { runsHere } from './worker-binary.ts';

// Run by ./tandem: gets mediasoup's worker into the cache. Writes its path to standard output when it is there; what
// goes on, and why it is not, to standard error. Exit status: 0 it is there, 3 it is not and what is missing was said.

/** Milliseconds for which a download that failed is not tried again, since each start would wait for it. */
const TRY_AGAIN_AFTER = 24 * 3600 * 1000;

const say = (text: string): void => void process.stderr.write(`tandem: ${text}\n`);

/** The last line is written over on a terminal; elsewhere a line comes each twentieth of the way. */
const progress = (compiled: number, of: number): void => {
  const text = `… ${compiled} of ${of} files compiled`;
  if (process.stderr.isTTY) process.stderr.write(`\rtandem: ${text} ${compiled === of ? '\n' : ''}`);
  else if (compiled % Math.ceil(of / 20) === 0 || compiled === of) say(text);
};

const interrupted = new AbortController();
const giveUp = (): void => interrupted.abort(new Error('it was interrupted'));
process.once('SIGINT', giveUp).once('SIGTERM', giveUp).once('SIGHUP', giveUp);

const triedLately = (mark: string): boolean =>
  existsSync(mark) && Date.now() - statSync(mark).mtimeMs < TRY_AGAIN_AFTER;

const ensure = async (): Promise<boolean> => {
  const into = process.env.MEDIASOUP_WORKER_BIN || cachedWorker();
  if (existsSync(into) && runsHere(into)) {
    console.log(into);
    return true;
  }
  if (process.env.MEDIASOUP_WORKER_BIN) {
    say(`MEDIASOUP_WORKER_BIN names ${into}, which does not run here. Name one that does, or unset it.`);
    return false;
  }
  mkdirSync(dirname(into), { recursive: true });
  const mark = join(dirname(into), 'mediasoup-worker-not-fetched');
  if (isPinned() && !triedLately(mark)) {
    say('fetching mediasoup’s worker, which carries media between regions and to browsers');
    const problem = await fetchWorker(into);
    if (problem === undefined) {
      console.log(into);
      return true;
    }
    say(problem);
    writeFileSync(mark, `${problem}\n`);
  }
  let missing = missingPackages();
  if (missing.length > 0 && mayInstall(thisSystem())) {
    say(
      `installing what mediasoup’s worker is built with (--no-system-packages declines): apt-get install ${missing.join(' ')}`,
    );
    const problem = installPackages(missing);
    if (problem !== undefined) say(problem);
    missing = missingPackages();
  }
  if (missing.length > 0) {
    say(
      `mediasoup’s worker cannot be built here, so media between regions goes through Tandem’s own code, which takes more processor time, and there is none to browsers: apt-get install ${missing.join(' ')}, then run this again.`,
    );
    return false;
  }
  say(`building mediasoup’s worker (once; some minutes) into ${into}`);
  await buildWorker({
    source: packageFolder(),
    into,
    onProgress: progress,
    jobs: availableParallelism(),
    signal: interrupted.signal,
  });
  if (!runsHere(into)) {
    say(`the worker that was built, ${into}, does not run here.`);
    return false;
  }
  console.log(into);
  return true;
};

process.exitCode = (await ensure().catch((error) => {
  say(`mediasoup’s worker could not be built: ${String(error).slice(0, 2000)}`);
  return false;
}))
  ? 0
  : 3;
