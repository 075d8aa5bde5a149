import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

const resolve = createRequire(import.meta.url).resolve;

/** The folder of the mediasoup package, whose main file is node/lib/index.js. */
export const packageFolder = (): string => join(dirname(resolve('mediasoup')), '..', '..');

export const packageVersion = (): string =>
  JSON.parse(readFileSync(join(packageFolder(), 'package.json'), 'utf8')).version;

export const SHIMS = join(import.meta.dirname, 'shims');

/** Everything of ours that a built worker turns out by. */
const ours = (): string[] => [
  join(import.meta.dirname, 'recipe.ts'),
  ...readdirSync(SHIMS, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.h'))
    .sort()
    .map((name) => join(SHIMS, name)),
];

const cacheFolder = (): string => join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'tandem');

/** Where this version's worker for this kind of machine is kept, whether it is there or not. */
export const cachedWorker = (): string => {
  const digest = createHash('sha256');
  for (const file of ours()) digest.update(readFileSync(file));
  const build = digest.digest('hex').slice(0, 8);
  return join(
    cacheFolder(),
    `mediasoup-worker-${packageVersion()}-${process.platform}-${process.arch}-${build}`,
  );
};
