import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '..', '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Programs that tests cannot do without, and the Debian packages that they say these are in: `sipp:sip-tester`. */
function neededPrograms(): string[] {
  const sources = globSync(
    ['actors', 'gateways', 'projections', 'cli', 'e2e'].map((room) => `${room}/**/*.ts`),
    {
      cwd: root,
      exclude: (path) => path.includes('node_modules'),
    },
  );
  const calls = sources.flatMap((path) => [
    ...read(path).matchAll(/needProgram\('([^']+)', 'apt-get install ([\w.+-]+)'\)/g),
  ]);
  return [...new Set(calls.map(([, program, debian]) => `${program}:${debian}`))];
}

// A machine on which somebody once installed a program by hand hides that nothing else installs it.
it('continuous integration installs every program that tests need', () => {
  const needed = neededPrograms();
  expect(needed).toContain('sipp:sip-tester');
  const installed = read('.ci/run').split(/[\s()]+/);
  expect(needed.filter((entry) => !installed.includes(entry))).toEqual([]);
});
