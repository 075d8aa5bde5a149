import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import {
  addTotals,
  formatTotals,
  type JestReport,
  NO_TESTS,
  ofJest,
  parseTotals,
  type Totals,
} from './totals.ts';

const root = join(import.meta.dirname, '..', '..');
const bin = join(root, 'node_modules', '.bin');

/** Runs lint, types and every tier of tests, says how each went, and ends with the sum. True when all is well. */
export async function check(env: NodeJS.ProcessEnv = process.env): Promise<boolean> {
  const totals = [
    await section('Lint and format (biome)', () => checked('biome', ['check', '--error-on-warnings', '.'])),
    await section('Types (tsc)', () => checked('tsc', ['--noEmit'])),
    await section('Unit tests', () => jest('unit')),
    await section('Integration tests', () => jest('int')),
    ...(existsSync(join(root, 'e2e', 'run.ts'))
      ? [await section('Scenarios with real peers', scenarios)]
      : []),
  ].reduce(addTotals, NO_TESTS);
  const skipFails = env.CI === 'true' && totals.skipped > 0;
  console.log(skipFails ? '\nUnder CI=true a skipped test is a failure.\n' : '');
  console.log(formatTotals(totals));
  return totals.failed === 0 && !skipFails;
}

async function section(title: string, tests: () => Promise<Totals>): Promise<Totals> {
  console.log(`\n── ${title} ${'─'.repeat(Math.max(0, 70 - title.length))}`);
  const totals = await tests();
  console.log(`${totals.failed === 0 ? 'ok' : 'FAILED'}: ${title.toLowerCase()}`);
  return totals;
}

/** A check that has no tests to count: nothing when it passes, one failure when it does not. */
async function checked(program: string, args: string[]): Promise<Totals> {
  const { status } = await run(join(bin, program), args, { echo: true });
  return { ...NO_TESTS, failed: status === 0 ? 0 : 1 };
}

/** Jest writes its report to standard output; what people read of it goes to standard error. */
async function jest(tier: 'unit' | 'int'): Promise<Totals> {
  const { status, stdout } = await run(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      join(root, 'node_modules/jest/bin/jest.js'),
      '--json',
      '--testPathPatterns',
      `\\.${tier}\\.test\\.ts$`,
    ],
    { echo: false },
  );
  const report = parseReport(stdout);
  if (!report) {
    console.log(stdout);
    return { ...NO_TESTS, failed: 1 };
  }
  const { totals, skipped } = ofJest(report);
  for (const name of skipped) console.log(`skipped: ${name}`);
  return failingWith(status, totals);
}

function parseReport(stdout: string): JestReport | undefined {
  try {
    return JSON.parse(stdout);
  } catch {
    return undefined;
  }
}

/** The scenarios' own last line is in the form of ours. */
async function scenarios(): Promise<Totals> {
  const { status, stdout } = await run(process.execPath, [join(root, 'e2e', 'run.ts')], { echo: true });
  return failingWith(status, parseTotals(stdout.trimEnd().split('\n').at(-1) ?? '') ?? NO_TESTS);
}

/** A run that failed with no failed test to show for it counts as one. */
const failingWith = (status: number | null, totals: Totals): Totals =>
  status !== 0 && totals.failed === 0 ? { ...totals, failed: 1 } : totals;

interface Ended {
  /** The exit status; null when a signal ended it. */
  readonly status: number | null;
  readonly stdout: string;
}

function run(program: string, args: string[], { echo }: { echo: boolean }): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ''}` },
    });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (echo) process.stdout.write(text);
      stdout += text;
    });
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, stdout }));
  });
}

if (import.meta.main) process.exitCode = (await check()) ? 0 : 1;
