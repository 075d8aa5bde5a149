import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';

interface Locked {
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly dependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
}

const lock = readFileSync(join(import.meta.dirname, '..', '..', 'package-lock.json'), 'utf8');
const packages: Record<string, Locked> = JSON.parse(lock).packages;

/** Whether a package at `from` finds another: beside it, or beside one of the packages it lies in. */
function finds(from: string, name: string): boolean {
  if (packages[`${from && `${from}/`}node_modules/${name}`]) return true;
  if (from === '') return false;
  const end = from.lastIndexOf('/node_modules/');
  return finds(end < 0 ? '' : from.slice(0, end), name);
}

// `npm ci` refuses a lock that lacks packages for other platforms, which `npm install` leaves out when its
// registry does not have them.
it('package-lock.json names every package that one of its packages depends on', () => {
  const missing = Object.entries(packages).flatMap(([path, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((name) => !finds(path, name))
      .map((name) => `${name}, needed by ${path}`),
  );
  expect(missing).toEqual([]);
});

// What is installed is what was locked, on every platform: npm checks a download against its digest, if there is one.
it('package-lock.json has the digest of every package that is downloaded, and names no place to download it from', () => {
  const downloaded = Object.entries(packages).filter(
    ([path, { link }]) => path.includes('node_modules/') && link !== true,
  );
  expect(downloaded.length).toBeGreaterThan(500);
  const unpinned = downloaded.filter(([, { integrity }]) => !integrity?.startsWith('sha512-'));
  expect(unpinned.map(([path]) => path)).toEqual([]);
  expect(downloaded.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
});
