import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { formatTotals, ofJest } from '@tandem/cli/check';

// Runs scenarios by name (`npm run e2e -- inbound restart`; `inbound` is `inbound-dial` too), all of them when none
// is named. The last line is `N passed, N failed, N skipped`.

const here = import.meta.dirname;
const root = join(here, '..');
const ENDING = '.e2e.test.ts';
const known = readdirSync(here)
  .filter((file) => file.endsWith(ENDING))
  .map((file) => file.slice(0, -ENDING.length));

const names = process.argv.slice(2);
const isOf = (file: string, name: string) => file === name || file.startsWith(`${name}-`);
const unknown = names.filter((name) => !known.some((file) => isOf(file, name)));
const chosen = names.length === 0 ? known : known.filter((file) => names.some((name) => isOf(file, name)));
if (names.includes('--help') || unknown.length > 0) {
  if (!names.includes('--help')) console.error(`There is no scenario ${unknown.join(', ')}.`);
  console.error(`Scenarios: ${known.join(', ')}\nExample: npm run e2e -- ${known[0]}`);
  process.exit(names.includes('--help') ? 0 : 2);
}

const { stdout, status } = spawnSync(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    join(root, 'node_modules/jest/bin/jest.js'),
    '--config',
    join(here, 'jest.config.js'),
    '--runInBand',
    '--json',
    ...chosen.map((name) => `e2e/${name}\\${ENDING}`),
  ],
  { cwd: root, stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8', maxBuffer: 2 ** 28 },
);
const { totals, skipped } = ofJest(JSON.parse(stdout));
for (const name of skipped) console.log(`skipped: ${name}`);
console.log(formatTotals(totals));
process.exitCode = status ?? 1;
